import type { JsonObject, JsonValue } from '@ferric/core';
import { type ProgramResult, runProgram } from './program.js';

/** The command line that operators of Ironic use: Debian's python3-ironicclient. */
export interface Baremetal {
  /** Runs a command to its end, however that is. */
  run(...args: readonly string[]): Promise<ProgramResult>;
  /** A command that must succeed; yields what it printed. */
  succeed(...args: readonly string[]): Promise<string>;
  /** The same with `-f json`, parsed. */
  show(...args: readonly string[]): Promise<JsonObject>;
  list(...args: readonly string[]): Promise<readonly JsonObject[]>;
  /** A command that must fail; yields the last line of its standard error, which is what its user reads. */
  refused(...args: readonly string[]): Promise<string>;
}

const PROGRAM = '/usr/bin/baremetal';
const COMMAND_LIMIT_MS = 90_000;

/**
 * @param folder an empty one: the client also reads settings from its home and working folder
 * @throws Error naming the Debian package when the client is not installed.
 */
export function createBaremetal(url: string, folder: string): Baremetal {
  const env = { OS_AUTH_TYPE: 'none', OS_ENDPOINT: url, HOME: folder, XDG_CONFIG_HOME: folder, LANG: 'C.UTF-8' };

  const run: Baremetal['run'] = async (...args) => {
    try {
      return await runProgram(PROGRAM, args, { env, cwd: folder, timeoutMs: COMMAND_LIMIT_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error(`${PROGRAM} is missing: install the Debian package python3-ironicclient`, { cause: error });
    }
  };
  const succeed: Baremetal['succeed'] = async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    if (code !== 0) throw new Error(`baremetal ${args.join(' ')} ended with ${code} and printed:\n${stdout}\n${stderr}`);
    return stdout;
  };
  const json = async (args: readonly string[]): Promise<JsonValue> => JSON.parse(await succeed(...args, '-f', 'json')) as JsonValue;
  return {
    run,
    succeed,
    show: async (...args) => (await json(args)) as JsonObject,
    list: async (...args) => (await json(args)) as unknown as readonly JsonObject[],
    async refused(...args) {
      const { code, stdout, stderr } = await run('--max-retries', '0', ...args);
      if (code === 0) throw new Error(`baremetal ${args.join(' ')} succeeded, which it should not, and printed:\n${stdout}`);
      return stderr.split('\n').at(-1) ?? '';
    },
  };
}
