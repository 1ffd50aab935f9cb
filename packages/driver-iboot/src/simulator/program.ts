import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FerricError } from '@ferric/core';
import { startIbootUnit } from './iboot-unit.js';
import type { IbootUnitOptions } from './unit-options.js';

/** What the program takes from its surroundings. */
export interface ProgramSurroundings {
  /** Arguments behind the name of the program. */
  readonly args: readonly string[];
  /** Password of the unit; made up and printed when undefined or empty. */
  readonly password: string | undefined;
  /** Prints one line. */
  readonly print: (line: string) => void;
  /** Prints one line about what is wrong. */
  readonly complain: (line: string) => void;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

const DEFAULTS = { host: '127.0.0.1', port: '9100', relays: '8', username: 'admin', 'relay-base': '1' } as const;

const HELP = `ferric-iboot-simulator: a simulated Dataprobe iBoot unit that speaks DxP

  --host ADDRESS       address to listen on, default ${DEFAULTS.host}
  --port NUMBER        TCP port, default ${DEFAULTS.port}; 0 takes a free one
  --relays NUMBER      relays, 1 to 32, default ${DEFAULTS.relays}
  --username NAME      default ${DEFAULTS.username}
  --relay-base NUMBER  number of the first relay on the wire, 1 or 0, default ${DEFAULTS['relay-base']}
  --help

The password is taken from the variable FERRIC_IBOOT_PASSWORD; without it, one is made up and printed.
One line is printed for each connection and command. SIGINT or SIGTERM ends it.`;

/** Runs a unit until the signal ends it. Yields the status to exit with: 0, or 2 for arguments that cannot be used. */
export async function runSimulator({ args, password, print, complain, signal }: ProgramSurroundings): Promise<number> {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      print(HELP);
      return 0;
    }
    const isChosen = password !== undefined && password !== '';
    await using unit = await startIbootUnit({ ...wanted, ...(isChosen ? { password } : {}), onLine: print });
    print(`iBoot unit listening on ${unit.host}:${unit.port}, ${unit.relays.length} relays, user ${unit.username}`);
    if (!isChosen) print(`Its password is ${unit.password}; set FERRIC_IBOOT_PASSWORD to choose one`);
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    complain(error.message);
    complain(FerricError.is(error) && error.code === 'CONFLICT' ? 'Choose another address or port: --port 0 takes a free one.' : 'Try --help.');
    return 2;
  }
}

function readArguments(args: readonly string[]): IbootUnitOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { host: text, port: text, relays: text, username: text, 'relay-base': text, help: { type: 'boolean' } },
  });
  if (values.help === true) return 'help';
  const { host, port, relays, username, 'relay-base': relayBase } = { ...DEFAULTS, ...values };
  // The unit itself refuses what is no number, or none that it can have.
  return { host, port: Number(port), relays: Number(relays), username, relayBase: Number(relayBase) as 0 | 1 };
}
