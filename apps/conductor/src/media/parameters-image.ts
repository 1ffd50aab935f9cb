import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { invalidOptions, Secret, type ParametersMedium } from '@ferric/core';
import { writeFatImage } from './fat-image.js';

/** By which the deploy agent finds it. Source: ironic-python-agent, ironic_python_agent/utils.py (_get_vmedia_params). */
const VOLUME_LABEL = 'ir-vfd-dev';
/** As Ironic makes it. Source: Ironic, ironic/common/images.py (create_vfat_image, fs_size_kib). KiB. */
const SIZE_KIB = 100;
/** What fits, less the tables of the file system. Bytes. */
const LONGEST_TEXT_BYTES = 64 * 1024;

export interface ParametersImageOptions {
  /** An empty folder of ours, which goes away afterwards. */
  readonly workFolder: string;
  readonly image: string;
  readonly signal: AbortSignal;
  readonly searchPath?: string | undefined;
}

/**
 * The file that the agent reads: `name=value`, one a line, without an end of the last line.
 * @throws INVALID_OPTIONS for what the agent would split: it reads words.
 */
export function parametersText(parameters: ParametersMedium['parameters']): string {
  const lines = Object.entries(parameters).map(([name, value]) => {
    const clear = Secret.is(value) ? value.reveal() : value;
    if (!/^[\x21-\x7e]*$/.test(clear) || !/^[\x21-\x3c\x3e-\x7e]+$/.test(name)) {
      throw invalidOptions('Virtual media', [{ field: `parameters.${name}`, problem: 'invalid', expected: 'a word of printable ASCII, without blanks' }]);
    }
    return `${name}=${clear}`;
  });
  const text = lines.join('\n');
  if (text.length <= LONGEST_TEXT_BYTES) return text;
  throw invalidOptions('Virtual media', [{ field: 'parameters', problem: 'invalid', expected: `at most ${LONGEST_TEXT_BYTES} bytes together` }]);
}

/** Makes the image of a floppy with the parameters of a deploy agent. Throws as `writeFatImage`, and INVALID_OPTIONS. */
export async function writeParametersImage({ parameters }: ParametersMedium, { workFolder, image, signal, searchPath }: ParametersImageOptions): Promise<void> {
  const source = join(workFolder, 'parameters.txt');
  await writeFile(source, parametersText(parameters), { mode: 0o600 });
  await writeFatImage({ image, sizeKib: SIZE_KIB, label: VOLUME_LABEL, files: [{ path: 'parameters.txt', source }], signal, searchPath });
  await chmod(image, 0o600);
}
