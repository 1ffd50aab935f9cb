import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { abortReason, FerricError } from '@ferric/core';

/** A program that writes ISO 9660, and the words that make it understand the options of mkisofs. */
interface IsoTool {
  readonly program: string;
  readonly mode: readonly string[];
}

/** In order of preference; the Debian packages xorriso and genisoimage have them. */
const TOOLS: readonly IsoTool[] = [
  { program: 'xorriso', mode: ['-as', 'mkisofs'] },
  { program: 'genisoimage', mode: [] },
  { program: 'mkisofs', mode: [] },
];

/** The volume's name, by which systems find it. Source: OpenStack, "Config drive". */
const VOLUME_LABEL = 'config-2';
/** Time for writing an image of at most 64 MiB. Milliseconds. */
const TIME_LIMIT_MS = 60_000;
/** Most text of a tool that is looked at. Bytes. */
const OUTPUT_LIMIT_BYTES = 64 * 1024;

/**
 * Writes the files below a folder into an image with Rock Ridge and Joliet names.
 * @param searchPath folders with programs, as PATH has them
 * @throws UNSUPPORTED when no tool is installed; INTERNAL when it fails; the abort reason.
 */
export async function writeIso(folder: string, image: string, searchPath: string, signal: AbortSignal): Promise<void> {
  const tool = await findTool(searchPath);
  // -r: readable by everybody, owned by root. The names and modes of this machine are nobody's business.
  const options = ['-quiet', '-r', '-J', '-V', VOLUME_LABEL, '-o', image, folder];
  await run(tool.path, [...tool.mode, ...options], signal);
}

async function findTool(searchPath: string): Promise<{ readonly path: string; readonly mode: readonly string[] }> {
  const folders = searchPath.split(delimiter).filter(isAbsolute);
  for (const { program, mode } of TOOLS) {
    for (const folder of folders) {
      const path = join(folder, program);
      if (await isProgram(path)) return { path, mode };
    }
  }
  throw new FerricError('UNSUPPORTED', `A config drive cannot be built: none of ${TOOLS.map(({ program }) => program).join(', ')} is installed on the conductor`, {
    hint: 'Install the Debian package xorriso, or give the config drive ready-made: base64 of a gzipped image, or its address.',
  });
}

async function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}

/** Without a shell, with nothing of our environment but what a program needs to start. */
function run(path: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { signal, timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_LIMIT_BYTES, env: { LC_ALL: 'C', HOME: '/nonexistent' } } as const;
    execFile(path, [...args], options, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      if (signal.aborted) return reject(abortReason(signal) as Error);
      const said = stderr.trim().split('\n').at(-1) ?? '';
      return reject(new FerricError('INTERNAL', `${path} could not build the config drive${said === '' ? '' : `: ${said}`}`, { cause: new Error(error.message) }));
    });
  });
}
