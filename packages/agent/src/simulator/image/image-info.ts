import type { JsonObject, JsonValue } from '@ferric/core';
import { CommandFailure } from '../commands/command-failure.js';
import { asObject } from '../conductor-calls.js';

/** `image_info` of prepare_image, checked. Source: ironic-python-agent, ironic_python_agent/extensions/standby.py (_validate_image_info). */
export interface ImageInfo {
  readonly id: string;
  /** At least one. */
  readonly urls: readonly string[];
  /** A checksum, or the URL of a file with checksums. */
  readonly checksum: string | undefined;
  readonly hash: { readonly algorithm: string; readonly value: string } | undefined;
  /** `raw`, `qcow2`; undefined: told by the content. */
  readonly diskFormat: string | undefined;
  readonly isPartitionImage: boolean;
  readonly nodeUuid: string;
  /** Value of the header `Authorization` for the server of the image. */
  readonly authorization: string | undefined;
}

/** @throws CommandFailure InvalidCommandParamsError in the words of the real agent */
export function checkImageInfo(value: JsonValue | undefined): ImageInfo {
  const info = asObject(value);
  for (const field of ['id', 'urls']) {
    if (!Object.hasOwn(info, field)) throw invalid(`Image is missing '${field}' field.`);
  }
  const { urls, checksum, os_hash_algo: algorithm, os_hash_value: hash } = info;
  if (!Array.isArray(urls) || urls.length === 0) throw invalid("Image 'urls' must be a list with at least one element.");
  const checkText = (name: string, text: JsonValue | undefined): string => {
    if (typeof text === 'string' && text !== '') return text;
    throw invalid(`Image '${name}' must be a non-empty string.`);
  };
  const isSet = (text: JsonValue | undefined): boolean => text !== undefined && text !== null && text !== '';
  const plain = checksum === undefined || checksum === null ? undefined : checkText('checksum', checksum);
  const strong = isSet(algorithm) || isSet(hash)
    ? { algorithm: checkText('os_hash_algo', algorithm), value: checkText('os_hash_value', hash) }
    : undefined;
  if (plain === undefined && strong === undefined) {
    throw invalid(
      "Image checksum is not available, either the 'checksum' field or the 'os_hash_algo' and 'os_hash_value' fields pair must be set for image verification.",
    );
  }
  return {
    id: String(info['id']),
    urls: (urls as readonly JsonValue[]).map(String),
    checksum: plain,
    hash: strong,
    diskFormat: typeof info['disk_format'] === 'string' ? info['disk_format'] : undefined,
    isPartitionImage: info['image_type'] === 'partition',
    nodeUuid: typeof info['node_uuid'] === 'string' ? info['node_uuid'] : 'local',
    authorization: readAuthorization(info),
  };
}

function invalid(details: string): CommandFailure {
  return new CommandFailure('InvalidCommandParamsError', details);
}

function readAuthorization(info: JsonObject): string | undefined {
  const { image_request_authorization: encoded, image_server_auth_strategy: strategy, image_server_user: user, image_server_password: password } = info;
  if (typeof encoded === 'string' && encoded !== '') return Buffer.from(encoded, 'base64').toString('latin1');
  if (strategy !== 'http_basic' || typeof user !== 'string' || typeof password !== 'string') return undefined;
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
