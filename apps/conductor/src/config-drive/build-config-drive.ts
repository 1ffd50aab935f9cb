import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { Secret, throwIfAborted, type ConfigDriveContent } from '@ferric/core';
import { CONFIG_DRIVE_LIMIT_BYTES, configDriveFiles, tooLarge } from './config-drive-files.js';
import { writeIso } from './iso-tools.js';

const compress = promisify(gzip);

export interface ConfigDriveOptions {
  readonly signal: AbortSignal;
  /** Where the programs are looked for, as PATH has it. Default: the PATH of this process. */
  readonly searchPath?: string;
  /** Folder for the private folder in which the files stand for a moment. Default: that of the system. */
  readonly temporaryFolder?: string;
}

/**
 * Builds a config drive: base64 of gzip of an ISO 9660 image with the label `config-2`. Nothing of it stays on this machine.
 * @throws UNSUPPORTED when no tool for it is installed; INVALID_OPTIONS when it is larger than a config drive can be; the abort reason.
 */
export async function buildConfigDrive(content: ConfigDriveContent, options: ConfigDriveOptions): Promise<Secret> {
  const { signal, searchPath = process.env['PATH'] ?? '', temporaryFolder = tmpdir() } = options;
  const files = configDriveFiles(content);
  throwIfAborted(signal);
  // Only this user may look into the folder (mkdtemp makes it with mode 0700).
  const folder = await mkdtemp(join(temporaryFolder, 'ferric-config-drive-'));
  try {
    const root = join(folder, 'files');
    for (const { path, bytes } of files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), bytes, { signal });
    }
    const image = join(folder, 'config-2.iso');
    await writeIso(root, image, searchPath, signal);
    const { size } = await stat(image);
    if (size > CONFIG_DRIVE_LIMIT_BYTES) throw tooLarge(size);
    return new Secret((await compress(await readFile(image, { signal }))).toString('base64'));
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
