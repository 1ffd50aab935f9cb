import { parseArgs } from 'node:util';
import { invalidOptions, printValue } from '@ferric/core';
import type { BmcOptions } from '../options.js';
import { VIRTUAL_CIPHER_SUITES, type VirtualCipherSuite } from '../wire/suites.js';

/** Where the password and the key of the BMC come from: arguments can be read by everybody on the machine. */
export const PASSWORD_VARIABLE = 'FERRIC_IPMI_PASSWORD';
export const KG_KEY_VARIABLE = 'FERRIC_IPMI_KG_KEY';

export const USAGE = `Usage: ferric-ipmi-simulator [options]

A simulated BMC that speaks IPMI 1.5 and 2.0 over UDP, with a machine behind it. It runs until it gets SIGINT or SIGTERM.

  --host <address>      address to listen on (default 127.0.0.1)
  --port <port>         UDP port (default: a free one)
  --user <name>         user name (default admin)
  --suites <list>       cipher suites of IPMI 2.0, of ${VIRTUAL_CIPHER_SUITES.join(', ')} (default 3,17); 0 asks for no password
  --no-legacy           do not speak IPMI 1.5
  --power <on|off>      power of the machine at first (default off)
  --quiet               do not print the commands
  --help                print this text

${PASSWORD_VARIABLE} holds the password; without it one is made up and printed.
${KG_KEY_VARIABLE} holds the key of the BMC itself (Kg) in hexadecimal digits; without it there is none.
`;

export interface ProgramArguments {
  readonly help: boolean;
  readonly quiet: boolean;
  readonly user: string;
  /** What the arguments say of the BMC; host and so on are checked by it. */
  readonly bmc: BmcOptions;
}

const OPTIONS = {
  host: { type: 'string' },
  port: { type: 'string' },
  user: { type: 'string', default: 'admin' },
  suites: { type: 'string' },
  legacy: { type: 'boolean', default: true },
  power: { type: 'string', default: 'off' },
  quiet: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** Reads the arguments. @throws INVALID_OPTIONS for one that cannot be used */
export function readArguments(args: readonly string[]): ProgramArguments {
  const { values } = parse(args);
  if (values.power !== 'on' && values.power !== 'off') throw invalid('--power', 'on or off', values.power);
  return {
    help: values.help,
    quiet: values.quiet,
    user: values.user,
    bmc: {
      power: values.power === 'on' ? 'power on' : 'power off',
      ...(values.host === undefined ? {} : { host: values.host }),
      ...(values.port === undefined ? {} : { port: wholeNumber(values.port) }),
      ...(values.suites === undefined ? {} : { cipherSuites: suites(values.suites) }),
      ...(values.legacy ? {} : { legacyAuthentication: [] }),
    },
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowNegative: true });
  } catch (error) {
    throw invalid('arguments', 'as --help tells', (error as Error).message);
  }
}

/** Digits only: `Number` would take an empty text for 0. */
function wholeNumber(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

function suites(text: string): readonly VirtualCipherSuite[] {
  // Unknown ones are refused by the BMC.
  return text.split(',').map((part) => wholeNumber(part.trim()) as VirtualCipherSuite);
}

function invalid(field: string, expected: string, received: string): Error {
  return invalidOptions('ferric-ipmi-simulator', [{ field, problem: 'invalid', expected, received: printValue(received) }]);
}
