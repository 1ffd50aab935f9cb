import type { StepSequence } from '@ferric/core';
import { executedStep, type AgentCommand, type CommandStatus } from '../client/index.js';

/** A step as the agent names it. */
export interface StepName {
  readonly interface: string;
  readonly name: string;
}

/** The order that was last given, kept before it is sent so that a crash does not make us give it twice. */
export interface SentStep extends StepName {
  /** The agent's last command before it; null when there was none. */
  readonly after: string | null;
  /** How often it was given again because the agent's hardware managers had changed. */
  readonly restarts: number;
}

/** A step in flight, as far as the agent's commands tell of it. */
export interface StepInFlight extends StepName {
  readonly kind: StepSequence;
  /** Whether having been done once in this boot is enough. */
  readonly once: boolean;
}

/** What the agent's commands say of a step in flight. */
export type StepVerdict =
  | { readonly is: 'waiting'; readonly why: string }
  | { readonly is: 'done' }
  | { readonly is: 'failed'; readonly command: AgentCommand }
  | { readonly is: 'version mismatch' };

/**
 * The command by which the agent has this step; undefined when it never got the order in this boot.
 * @param commands all of this boot, oldest first
 * @param sent the order that was last given, of this step or another
 */
export function findExecution(commands: readonly AgentCommand[], step: StepInFlight, sent: SentStep | undefined): AgentCommand | undefined {
  if (sent?.interface === step.interface && sent.name === step.name) {
    const since = commands.slice(commands.findIndex(({ id }) => id === sent.after) + 1);
    const ordered = since.findLast((command) => isExecution(command, step.kind));
    if (ordered !== undefined) return ordered;
  }
  const last = commands.at(-1);
  // One command runs at a time, so a running one is this step.
  if (last !== undefined && isExecution(last, step.kind) && last.status === 'RUNNING') return last;
  return step.once ? commands.findLast((command) => command.status === 'SUCCEEDED' && isExecution(command, step.kind) && isAbout(command, step)) : undefined;
}

/**
 * Judges the command by which the agent has the step, or else its last one.
 * Source: Ironic, ironic/drivers/modules/agent_base.py (_get_completed_command, process_next_step).
 */
export function judgeStep(commands: readonly AgentCommand[], step: StepInFlight, sent: SentStep | undefined): StepVerdict {
  const command = findExecution(commands, step, sent) ?? commands.at(-1);
  if (command === undefined) return { is: 'waiting', why: 'the agent has not begun' };
  if (!isExecution(command, step.kind)) return { is: 'waiting', why: `the agent's last command is ${command.name}` };
  return VERDICTS[command.status](command, step);
}

const VERDICTS: Readonly<Record<CommandStatus, (command: AgentCommand, step: StepName) => StepVerdict>> = {
  RUNNING: () => ({ is: 'waiting', why: 'the agent is at it' }),
  FAILED: (command) => ({ is: 'failed', command }),
  VERSION_MISMATCH: () => ({ is: 'version mismatch' }),
  SUCCEEDED: (command, step) =>
    isAbout(command, step) ? { is: 'done' } : { is: 'waiting', why: 'the agent has finished another step and not begun this one' },
};

function isExecution(command: AgentCommand, kind: StepSequence): boolean {
  return command.name === `execute_${kind}_step`;
}

function isAbout(command: AgentCommand, step: StepName): boolean {
  const told = executedStep(command);
  return told?.interface === step.interface && told.step === step.name;
}
