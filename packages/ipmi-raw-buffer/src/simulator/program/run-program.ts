import { randomBytes } from 'node:crypto';
import type { SeenCommand } from '../options.js';
import { startBmc } from '../virtual-bmc.js';
import { commandKey } from '../commands/handlers.js';
import { KG_KEY_VARIABLE, PASSWORD_VARIABLE, readArguments, USAGE } from './command-line.js';

/** What the program has of the world. */
export interface ProgramHost {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  write(text: string): void;
  /** Resolves when the program shall end; its value is printed. */
  readonly stop: Promise<string>;
}

/** Runs the simulator until it is told to stop. Yields the exit status. */
export async function runProgram({ args, environment, write, stop }: ProgramHost): Promise<number> {
  const { help, quiet, user, bmc: options } = readArguments(args);
  if (help) {
    write(USAGE);
    return 0;
  }
  const given = environment[PASSWORD_VARIABLE];
  const password = given ?? randomBytes(8).toString('hex');
  const kgKey = environment[KG_KEY_VARIABLE];
  await using bmc = await startBmc({
    ...options,
    users: [{ name: user, password }],
    ...(kgKey === undefined ? {} : { kgKey }),
    ...(quiet ? {} : { onCommand: (command: SeenCommand) => write(`${describe(command)}\n`) }),
  });
  using _watching = bmc.watchPower((change) => write(`the machine: ${change}\n`));
  write(`Ferric IPMI simulator listening on ${bmc.host}:${bmc.port}\n`);
  write(`user ${user}, password ${given === undefined ? password : `from ${PASSWORD_VARIABLE}`}\n`);
  write(`try: ipmitool -I lanplus -H ${bmc.host} -p ${bmc.port} -U ${user} -P PASSWORD chassis power status\n`);
  write(`ended by ${await stop}\n`);
  return 0;
}

/** `admin 00/02 01 -> 00` */
function describe({ user, netFn, command, lun, data, completionCode }: SeenCommand): string {
  const unit = lun === 0 ? '' : ` lun ${lun}`;
  const bytes = data === null ? ' (with a password)' : data.length === 0 ? '' : ` ${Buffer.from(data).toString('hex')}`;
  return `${user ?? '-'} ${commandKey(netFn, command)}${unit}${bytes} -> ${completionCode.toString(16).padStart(2, '0')}`;
}
