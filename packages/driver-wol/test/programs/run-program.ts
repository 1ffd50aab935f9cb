import { fileURLToPath } from 'node:url';
import type { WakePacket, WakeReport } from '../../src/client/index.js';

const HOOKS = new URL('./source-hooks.mjs', import.meta.url).href;
const PROGRAMS = {
  wake: new URL('./wake.ts', import.meta.url),
  'power-on': new URL('./power-on.ts', import.meta.url),
  sink: new URL('./sink.ts', import.meta.url),
} as const;

/** The command line that runs one of the programs of this folder from the sources, without a build. */
export function programCommand(name: keyof typeof PROGRAMS, ...args: readonly string[]): readonly [file: string, ...args: string[]] {
  return [process.execPath, '--conditions=@ferric/source', '--import', HOOKS, fileURLToPath(PROGRAMS[name]), ...args];
}

/** What `wake.ts` and `power-on.ts` print. */
export interface ProgramAnswer {
  readonly report?: WakeReport;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    readonly details?: { readonly packets?: readonly WakePacket[]; readonly sent?: readonly WakePacket[] };
  };
}
