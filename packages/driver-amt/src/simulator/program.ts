import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { FerricError } from '@ferric/core';
import { type AmtDevice, startAmtDevice } from './amt-device.js';
import type { AmtDeviceOptions, AmtProtocols } from './device-options.js';
import { type Generation, GENERATIONS } from './generations.js';
import type { ControlMode } from './machine/amt-machine.js';

/** What the program takes from its surroundings. */
export interface ProgramSurroundings {
  /** Arguments behind the name of the program. */
  readonly args: readonly string[];
  /** Password of the device; made up and printed when undefined or empty. */
  readonly password: string | undefined;
  /** Prints one line. */
  readonly print: (line: string) => void;
  /** Prints one line about what is wrong. */
  readonly complain: (line: string) => void;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

const DEFAULTS = {
  host: '127.0.0.1', port: '16992', 'tls-port': '16993', generation: '15', protocols: 'http', username: 'admin', 'control-mode': 'admin',
} as const;

const HELP = `ferric-amt-simulator: a simulated machine with Intel AMT that speaks WS-Management

  --host ADDRESS        address to listen on, default ${DEFAULTS.host}
  --port NUMBER         port without TLS, default ${DEFAULTS.port}; 0 takes a free one
  --tls-port NUMBER     port with TLS, default ${DEFAULTS['tls-port']}; 0 takes a free one
  --protocols NAMES     http, https or both, default ${DEFAULTS.protocols}; generation 16 has https alone
  --generation NUMBER   version of AMT: ${GENERATIONS.join(', ')}; default ${DEFAULTS.generation}
  --username NAME       default ${DEFAULTS.username}
  --control-mode MODE   admin, or client: boot options need the code that the machine shows, which is printed; default ${DEFAULTS['control-mode']}
  --help

The password is taken from the variable FERRIC_AMT_PASSWORD; without it, one is made up and printed.
One line is printed for each request, start and change of power. SIGINT or SIGTERM ends it.`;

/** Runs a device until the signal ends it. Yields the status to exit with: 0, or 2 for arguments that cannot be used. */
export async function runSimulator({ args, password, print, complain, signal }: ProgramSurroundings): Promise<number> {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      print(HELP);
      return 0;
    }
    const isChosen = password !== undefined && password !== '';
    const onConsentCode = (code: string): void => print(`the screen of the machine shows the code ${code}`);
    await using device = await startAmtDevice({ ...wanted, ...(isChosen ? { password } : {}), onLine: print, onConsentCode });
    greet(device, print);
    if (!isChosen) print(`Its password is ${device.password}; set FERRIC_AMT_PASSWORD to choose one`);
    using _watch = device.machine.power.power.watch((change) => {
      const last = device.machine.boot.history.at(-1);
      print(change === 'off' ? 'the machine is off' : `the machine starts (${change}) from: ${last?.target}`);
    });
    if (!signal.aborted) await once(signal, 'abort');
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    complain(error.message);
    complain(FerricError.is(error) && error.code === 'CONFLICT' ? 'Choose another address or port: --port 0 takes a free one.' : 'Try --help.');
    return 2;
  }
}

function greet({ host, port, tlsPort, generation, username, certificate }: AmtDevice, print: (line: string) => void): void {
  const places = [...(port === undefined ? [] : [`http://${host}:${port}/wsman`]), ...(tlsPort === undefined ? [] : [`https://${host}:${tlsPort}/wsman`])];
  print(`AMT ${generation} listening on ${places.join(' and ')}, user ${username}`);
  if (certificate !== undefined) print(`SHA-256 of its certificate: ${certificate.fingerprint}`);
}

function readArguments(args: readonly string[]): AmtDeviceOptions | 'help' {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: text, port: text, 'tls-port': text, protocols: text, generation: text, username: text, 'control-mode': text, help: { type: 'boolean' },
    },
  });
  if (values.help === true) return 'help';
  const { host, port, 'tls-port': tlsPort, username, ...words } = { ...DEFAULTS, ...values };
  const generation = Number(words.generation) as Generation;
  // The device itself refuses what is no number, or none that it can have.
  return {
    host, port: Number(port), tlsPort: Number(tlsPort), generation, username,
    protocols: oneOf('protocols', values.protocols ?? (generation === 16 ? 'https' : DEFAULTS.protocols), ['http', 'https', 'both'] satisfies AmtProtocols[]),
    controlMode: oneOf('control-mode', words['control-mode'], ['admin', 'client'] satisfies ControlMode[]),
  };
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new FerricError('INVALID_OPTIONS', `--${name} must be one of ${allowed.join(', ')}, not ${value}`);
  return found;
}
