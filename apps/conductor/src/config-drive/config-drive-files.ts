import { invalidOptions, Secret, type ConfigDriveContent, type JsonObject } from '@ferric/core';

/** One file of a config drive. */
export interface ConfigDriveFile {
  /** Below the root of the volume: `openstack/latest/meta_data.json`. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Folders of the format. They hold the same files: cloud-init reads the newest dated one that it knows, others read `latest`.
 * Source: openstacksdk, openstack/baremetal/configdrive.py (populate_directory).
 */
const VERSIONS = ['2012-08-10', 'latest'] as const;

/** Largest config drive that the deploy agent writes. Bytes. Source: ironic-python-agent, partition_utils.py (MAX_CONFIG_DRIVE_SIZE_MB). */
export const CONFIG_DRIVE_LIMIT_BYTES: number = 64 * 1024 * 1024;

/**
 * The files of a config drive. What is left out or empty has no file.
 * @throws INVALID_OPTIONS when they are larger than a config drive can be.
 */
export function configDriveFiles({ metaData, networkData, vendorData, userData }: ConfigDriveContent): readonly ConfigDriveFile[] {
  const contents = [
    ['meta_data.json', jsonBytes(metaData)],
    ['network_data.json', documentBytes(networkData)],
    ['vendor_data2.json', documentBytes(vendorData)],
    ['user_data', userDataBytes(userData)],
  ] as const;
  const files = VERSIONS.flatMap((version) => contents.flatMap(([name, bytes]) => (bytes === undefined ? [] : [{ path: `openstack/${version}/${name}`, bytes }])));
  const size = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (size > CONFIG_DRIVE_LIMIT_BYTES) throw tooLarge(size);
  return files;
}

/** The error for a config drive that no deploy agent writes. */
export function tooLarge(bytes: number): Error {
  const expected = `at most ${CONFIG_DRIVE_LIMIT_BYTES / 1024 / 1024} MiB, of which every file takes its size twice`;
  return invalidOptions('Config drive', [{ field: 'configdrive', problem: 'invalid', expected, received: `${Math.ceil(bytes / 1024 / 1024)} MiB` }]);
}

function userDataBytes(userData: ConfigDriveContent['userData']): Uint8Array | undefined {
  if (!Secret.is(userData)) return documentBytes(userData);
  const text = userData.reveal();
  return text === '' ? undefined : Buffer.from(text);
}

function documentBytes(document: JsonObject | undefined): Uint8Array | undefined {
  return document === undefined || Object.keys(document).length === 0 ? undefined : jsonBytes(document);
}

function jsonBytes(document: JsonObject): Uint8Array {
  return Buffer.from(JSON.stringify(document));
}
