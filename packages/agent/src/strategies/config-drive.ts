import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  abortable, FerricError, invalidOptions, printValue, revealSealed, Secret, type ConfigDriveContent, type JsonObject, type JsonValue, type NodeView,
  type OptionIssue, type Task,
} from '@ferric/core';
import { asObject } from '../client/agent-json.js';

/** What the agent makes room for at the end of the disk. Source: ironic-python-agent, ironic_python_agent/partition_utils.py (MAX_CONFIG_DRIVE_SIZE_MB). */
const LARGEST_MEBIBYTES = 64;
const LARGEST_BYTES = LARGEST_MEBIBYTES * 1024 * 1024;

const FIELD = 'instance_info.configdrive';
const PARTS = ['meta_data', 'network_data', 'user_data', 'vendor_data'] as const;

/** A config drive as a client of the API gives it. */
export type GivenConfigDrive =
  /** base64 of gzip of an image, or its address: as the agent takes it. */
  | { readonly form: 'ready' | 'address'; readonly value: Secret }
  | { readonly form: 'content'; readonly content: ConfigDriveContent };

/**
 * Reads the config drive of a deployment; undefined when there is none.
 * @throws INVALID_OPTIONS for what is no config drive; no part of it is shown.
 */
export function readConfigDrive(node: Pick<NodeView, 'uuid' | 'name' | 'instanceInfo'>): GivenConfigDrive | undefined {
  const given = revealSealed(node.instanceInfo['configdrive'] ?? null);
  if (given === null || given === '') return undefined;
  if (typeof given === 'string') return readText(node, given);
  const parts = asObject(given);
  if (parts === undefined) throw refusal(node, [invalid(FIELD, 'a text or an object')]);
  return Object.keys(parts).length === 0 ? undefined : { form: 'content', content: readContent(node, parts) };
}

function readText(node: Pick<NodeView, 'uuid'>, text: string): GivenConfigDrive {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return { form: 'address', value: new Secret(text) };
  const packed = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(packed) || packed.length % 4 !== 0) {
    throw refusal(node, [invalid(FIELD, 'base64 of a gzipped image, the http or https URL of one, or an object with meta_data, network_data and user_data')]);
  }
  const magic = Buffer.from(packed.slice(0, 4), 'base64');
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) throw refusal(node, [invalid(FIELD, 'base64 of a gzipped image: this is base64, but of something else')]);
  return { form: 'ready', value: new Secret(packed) };
}

function readContent(node: Pick<NodeView, 'uuid' | 'name'>, parts: JsonObject): ConfigDriveContent {
  const unknown = Object.keys(parts).filter((name) => !PARTS.some((part) => part === name));
  const issues: OptionIssue[] = unknown.map((name) => ({ field: `${FIELD}.${name}`, problem: 'unknown', expected: `one of ${PARTS.join(', ')}` }));
  const object = (name: (typeof PARTS)[number]): JsonObject | undefined => {
    const value = parts[name] ?? null;
    const found = asObject(value);
    if (value !== null && found === undefined) issues.push(invalid(`${FIELD}.${name}`, 'an object'));
    return found;
  };
  const [metaData, networkData, vendorData] = [object('meta_data'), object('network_data'), object('vendor_data')];
  const userData = readUserData(parts['user_data'] ?? null, issues);
  if (issues.length > 0) throw refusal(node, issues);
  return {
    // Source: Ironic, ironic/conductor/utils.py (build_configdrive).
    metaData: { uuid: node.uuid, ...(node.name === null ? {} : { name: node.name }), ...metaData },
    ...(networkData === undefined ? {} : { networkData }),
    ...(vendorData === undefined ? {} : { vendorData }),
    ...(userData === undefined ? {} : { userData }),
  };
}

function readUserData(value: JsonValue, issues: OptionIssue[]): Secret | undefined {
  if (value === null || value === '') return undefined;
  if (typeof value === 'string') return new Secret(value);
  if (typeof value === 'object') return new Secret(JSON.stringify(value));
  issues.push(invalid(`${FIELD}.user_data`, 'a text, an object or a list'));
  return undefined;
}

/**
 * Unpacks a config drive that came packed, without keeping it: what is broken or too large would fail on the machine, after its disk was erased.
 * @throws INVALID_OPTIONS
 */
export async function checkConfigDrive(task: Pick<Task, 'node' | 'signal'>): Promise<void> {
  const given = readConfigDrive(task.node);
  if (given?.form !== 'ready') return;
  const unpacked = Readable.from(chunks(given.value.reveal())).pipe(createGunzip());
  try {
    let bytes = 0;
    await abortable(task.signal, (async () => {
      for await (const chunk of unpacked) {
        bytes += (chunk as Buffer).length;
        if (bytes > LARGEST_BYTES) throw refusal(task.node, [invalid(FIELD, `at most ${LARGEST_MEBIBYTES} MiB when it is unpacked`)]);
      }
    })());
  } catch (error) {
    if (task.signal.aborted || FerricError.is(error)) throw error;
    const reason = error instanceof Error ? error.message : printValue(error);
    throw refusal(task.node, [invalid(FIELD, `base64 of a gzipped image that can be unpacked (${reason})`)]);
  } finally {
    unpacked.destroy();
  }
}

/** A multiple of 4 characters each: whole bytes. */
const CHUNK_CHARACTERS = 65_536;

function* chunks(packed: string): Generator<Buffer> {
  for (let at = 0; at < packed.length; at += CHUNK_CHARACTERS) yield Buffer.from(packed.slice(at, at + CHUNK_CHARACTERS), 'base64');
}

function invalid(field: string, expected: string): OptionIssue {
  return { field, problem: 'invalid', expected };
}

function refusal(node: Pick<NodeView, 'uuid'>, issues: readonly OptionIssue[]): FerricError {
  return invalidOptions(`Node ${node.uuid} failed to validate its config drive`, issues);
}
