import { COMMANDS } from './commands.js';
import { type BootOutcome, Finished, type IpxeMachine, type ScriptEnd } from './machine.js';
import { isScript, parseScript, type ScriptLine } from './script.js';
import { Jump, ScriptExit } from './signals.js';

/** More commands than any sound script runs. */
const MOST_COMMANDS = 20_000;
/** Scripts inside scripts. */
const DEEPEST_CHAIN = 16;

/**
 * Runs a script until it ends or something boots. Source of every rule: iPXE, src/image/script.c, src/core/exec.c, src/hci/commands.
 * @returns how it ended, or what boots
 */
export async function runScript(machine: IpxeMachine, body: string, depth = 0): Promise<ScriptEnd | BootOutcome> {
  if (depth > DEEPEST_CHAIN) return { status: 1 };
  const lines = parseScript(body);
  try {
    for (let at = 0; at < lines.length; ) {
      const next = await runLine(machine, lines, at, depth);
      if (next === undefined) return { status: 1 };
      at = next;
    }
    return { status: 0 };
  } catch (error) {
    if (error instanceof ScriptExit) return { status: error.status };
    if (error instanceof Finished) return error.outcome;
    throw error;
  }
}

/** The line to go on with; undefined when the line failed, which ends the script. */
async function runLine(machine: IpxeMachine, lines: readonly ScriptLine[], at: number, depth: number): Promise<number | undefined> {
  let succeeded = true;
  try {
    for (const { words, after } of lines[at]?.commands ?? []) {
      if ((after === '&&' && !succeeded) || (after === '||' && succeeded)) continue;
      // Nothing behind an operator is a command that succeeds: `iseq a b && goto c ||` forgives the failure.
      succeeded = words.length === 0 ? true : await runCommand(machine, words, depth);
    }
  } catch (error) {
    if (!(error instanceof Jump)) throw error;
    const target = lines.findIndex(({ label }) => label === error.label);
    if (target !== -1) return target;
    machine.tell(`No such label: ${error.label}`);
    return undefined;
  }
  return succeeded ? at + 1 : undefined;
}

async function runCommand(machine: IpxeMachine, words: readonly string[], depth: number): Promise<boolean> {
  machine.commandCount += 1;
  if (machine.commandCount > MOST_COMMANDS) throw new Finished({ kind: 'hung', why: `its script ran more than ${MOST_COMMANDS} commands` });
  machine.signal.throwIfAborted();
  const [name = '', ...values] = words.map((word) => machine.settings.expand(word));
  const command = COMMANDS.get(name);
  if (command === undefined) {
    machine.tell(`${name}: command not found`);
    return false;
  }
  return command(machine, values, async (body) => {
    // Anything but a script is a program: BIOS starts whatever came and hangs, EFI looks at it first.
    if (isScript(body)) return runScript(machine, body, depth + 1);
    if (machine.platform === 'efi') return { status: 1 };
    throw new Finished({ kind: 'hung', why: 'it was sent something that is no script, and ran it as a program' });
  });
}
