import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FerricError } from '@ferric/core';
import { GENERATIONS, type Generation } from './generations.js';
import { startIlo } from './ilo.js';
import type { IloOptions } from './ilo-options.js';

/** What the program takes from its surroundings. */
export interface ProgramSurroundings {
  /** Arguments behind the name of the program. */
  readonly args: readonly string[];
  /** Password of the first user; made up and printed when undefined or empty. */
  readonly password: string | undefined;
  /** Prints one line. */
  readonly print: (line: string) => void;
  /** Prints one line about what is wrong. */
  readonly complain: (line: string) => void;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

const DEFAULTS = { generation: 'gen10', host: '127.0.0.1', port: '8443', username: 'Administrator', tls: 'modern', licence: 'advanced', 'post-ms': '20000' } as const;

const HELP = `ferric-ilo-simulator: a simulated HPE iLO with its ProLiant

  --generation NAME    ${GENERATIONS.join(', ')}; default ${DEFAULTS.generation}
  --firmware VERSION   of the iLO, such as 2.44; decides which interfaces there are. Default: a common one
  --host ADDRESS       address to listen on, default ${DEFAULTS.host}
  --port NUMBER        TCP port, default ${DEFAULTS.port}; 0 takes a free one
  --username NAME      default ${DEFAULTS.username}
  --licence NAME       advanced or standard, default ${DEFAULTS.licence}
  --boot-modes NAME    bios, uefi or both; default: what the generation has
  --tls NAME           modern or legacy, default ${DEFAULTS.tls}
  --post-ms NUMBER     time of the power-on self test, milliseconds, default ${DEFAULTS['post-ms']}
  --name NAME          decides serial number, UUID and MAC addresses, default simulator
  --help

The password is taken from the variable FERRIC_ILO_PASSWORD; without it, one is made up and printed.
One line is printed for each request. SIGINT or SIGTERM ends it.`;

/** Runs an iLO until the signal ends it. Yields the status to exit with: 0, or 2 for arguments that cannot be used. */
export async function runSimulator({ args, password, print, complain, signal }: ProgramSurroundings): Promise<number> {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      print(HELP);
      return 0;
    }
    const isChosen = password !== undefined && password !== '';
    await using ilo = await startIlo({ ...wanted, ...(isChosen ? { password } : {}), onLine: print });
    print(`${ilo.machine.identity.productName} with iLO ${ilo.machine.identity.facts.iloNumber} listening on https://${ilo.host}:${ilo.port}, user ${ilo.username}`);
    print(`Certificate fingerprint (SHA-256) ${ilo.fingerprint}`);
    if (!isChosen) print(`Its password is ${ilo.password}; set FERRIC_ILO_PASSWORD to choose one`);
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    complain(error.message);
    complain(FerricError.is(error) && error.code === 'CONFLICT' ? 'Choose another address or port: --port 0 takes a free one.' : 'Try --help.');
    return 2;
  }
}

function readArguments(args: readonly string[]): IloOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      generation: text, firmware: text, host: text, port: text, username: text, licence: text, 'boot-modes': text, tls: text, 'post-ms': text, name: text,
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const { generation, host, port, username, licence, tls, 'post-ms': postMs, name = 'simulator' } = { ...DEFAULTS, ...values };
  const bootModes = values['boot-modes'];
  // The iLO itself refuses words that it does not know.
  return {
    generation: generation as Generation,
    name,
    host,
    port: Number(port),
    username,
    licence: licence as NonNullable<IloOptions['licence']>,
    tls: tls as NonNullable<IloOptions['tls']>,
    post: { inPostMs: Number(postMs), heldForReads: 0 },
    ...(values.firmware === undefined ? {} : { firmwareVersion: values.firmware }),
    ...(bootModes === undefined ? {} : { bootModes: bootModes as NonNullable<IloOptions['bootModes']> }),
  };
}
