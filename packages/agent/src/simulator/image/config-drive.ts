import { gunzipSync } from 'node:zlib';
import type { JsonValue } from '@ferric/core';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import type { Disk } from '../disk/disk.js';
import { addLastPartition } from '../disk/partition-table.js';
import { failureText, openDownload, readBytes } from '../wire/http.js';

/** How large a config drive may be, and its partition is. Source: ironic-python-agent, ironic_python_agent/partition_utils.py. */
const MOST_MEBIBYTES = 64;
const LONGEST_DRIVE = MOST_MEBIBYTES * 1024 * 1024;
/** Base64 takes a third more, and what was compressed in vain a little. */
const LONGEST_DOWNLOAD = 2 * LONGEST_DRIVE;
const GZIP_MAGIC = Buffer.from('1f8b', 'hex');
/** The name by which systems look for it. */
const LABEL = 'config-2';

/**
 * The file system that a config drive is, from base64 of gzip of it, or from the URL of that.
 * @throws CommandFailure CommandExecutionError
 */
export async function readConfigDrive(workplace: AgentWorkplace, given: JsonValue, nodeUuid: string): Promise<Buffer> {
  if (typeof given !== 'string') throw failure(`Config drive for node ${nodeUuid} is neither a text nor a URL`);
  const isUrl = /^https?:\/\//i.test(given);
  const data = isUrl ? await fetchDrive(workplace, given, nodeUuid) : Buffer.from(given, 'latin1');
  const decoded = decodeBase64(data);
  // What was downloaded may be the file system itself.
  if (isUrl && decoded === undefined) return checkLength(data, nodeUuid);
  if (decoded === undefined || !decoded.subarray(0, 2).equals(GZIP_MAGIC)) {
    throw failure(`Config drive for node ${nodeUuid} is not base64 encoded or the content is malformed.${isUrl ? ` Downloaded from "${given}".` : ''}`);
  }
  try {
    return gunzipSync(decoded, { maxOutputLength: LONGEST_DRIVE });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return checkLength(undefined, nodeUuid);
    throw failure(`Encountered error while decompressing and writing config drive for node ${nodeUuid}. Error: ${failureText(error)}`, error);
  }
}

/** Makes a partition at the end of the disk and writes the drive into it. @throws CommandFailure CommandExecutionError */
export async function addConfigDrive(disk: Disk, drive: Buffer, nodeUuid: string): Promise<void> {
  try {
    const place = await addLastPartition(disk, { name: LABEL, sizeBytes: LONGEST_DRIVE });
    await disk.write(place.position, drive);
  } catch (error) {
    throw failure(`Failed to create config drive on disk ${disk.name} for node ${nodeUuid}. Error: ${failureText(error)}`, error);
  }
}

function failure(details: string, cause?: unknown): CommandFailure {
  return new CommandFailure('CommandExecutionError', details, { cause });
}

async function fetchDrive({ trust, signal, pacing }: AgentWorkplace, url: string, nodeUuid: string): Promise<Buffer> {
  const fail = (why: string, cause?: unknown): CommandFailure =>
    failure(`Can't download the configdrive content for node ${nodeUuid} from '${url}'. ${why}`, cause);
  try {
    const answer = await openDownload({ method: 'GET', url, trust, signal, idleMs: pacing.downloadTimeoutMs });
    if (answer.statusCode === 200) return await readBytes(answer, LONGEST_DOWNLOAD);
    answer.destroy();
    throw fail(`Got status code ${answer.statusCode ?? 0}`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    throw fail(`Reason: ${failureText(error)}`, error);
  }
}

/** The bytes behind base64; undefined for what is no base64. */
function decodeBase64(data: Buffer): Buffer | undefined {
  const text = data.toString('latin1').replaceAll(/\s+/g, '');
  return text !== '' && /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64') : undefined;
}

function checkLength(drive: Buffer | undefined, nodeUuid: string): Buffer {
  if (drive !== undefined && drive.length <= LONGEST_DRIVE) return drive;
  const size = drive === undefined ? `more than ${MOST_MEBIBYTES}` : Math.ceil(drive.length / 1024 / 1024);
  throw failure(`Config drive size exceeds maximum limit of ${MOST_MEBIBYTES}MiB. Size of the given config drive is ${size} MiB for node ${nodeUuid}.`);
}
