import { FerricError } from '@ferric/core';
import { findProgram, programFolders, runProgram } from '../media/programs.js';

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

/**
 * Writes the files below a folder into an image with Rock Ridge and Joliet names.
 * @param searchPath folders with programs, as PATH has them
 * @throws UNSUPPORTED when no tool is installed; INTERNAL when it fails; the abort reason.
 */
export async function writeIso(folder: string, image: string, searchPath: string, signal: AbortSignal): Promise<void> {
  const tool = await findTool(searchPath);
  // -r: readable by everybody, owned by root. The names and modes of this machine are nobody's business.
  const options = ['-quiet', '-r', '-J', '-V', VOLUME_LABEL, '-o', image, folder];
  await runProgram({ path: tool.path, args: [...tool.mode, ...options], what: 'build the config drive', timeLimitMs: TIME_LIMIT_MS, signal });
}

async function findTool(searchPath: string): Promise<{ readonly path: string; readonly mode: readonly string[] }> {
  const folders = programFolders(searchPath);
  for (const { program, mode } of TOOLS) {
    const path = await findProgram(program, folders);
    if (path !== undefined) return { path, mode };
  }
  throw new FerricError('UNSUPPORTED', `A config drive cannot be built: none of ${TOOLS.map(({ program }) => program).join(', ')} is installed on the conductor`, {
    hint: 'Install the Debian package xorriso, or give the config drive ready-made: base64 of a gzipped image, or its address.',
  });
}
