import { FerricError, invalidOptions, maskText, type BootStrategy, type NodeChanges, type StrategyResult, type Task } from '@ferric/core';

/** What is waited for after the agent was booted. */
export const AGENT_REPORTS = 'the deploy agent to report';

/** Writes changes at once, when there are any. */
export async function keepChanges(task: Task, changes: NodeChanges | undefined): Promise<void> {
  if (changes !== undefined) await task.keep(changes);
}

/** The machine goes on by itself. */
export function waitFor(waitsFor: string): StrategyResult {
  return { next: 'wait', waitsFor };
}

/**
 * The boot strategy, which everything that boots an agent or an instance needs.
 * @throws INVALID_OPTIONS when the node has none.
 */
export function requireBoot(task: Task): BootStrategy {
  if (task.boot !== undefined) return task.boot;
  throw invalidOptions(`Node ${task.node.uuid}`, [
    { field: 'boot_interface', problem: 'missing', expected: 'an interface that boots the deploy agent, such as ipxe' },
  ]);
}

/** Does what may fail without harm: the failure is told, and work goes on. An abort is no failure. */
export async function tryTo<T>(task: Task, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (task.signal.aborted) throw error;
    task.progress(`${what} did not work: ${failureText(error)}`);
    return undefined;
  }
}

/** A failure that may have passed by the next report of the machine. */
export function isPassing(task: Task, error: unknown): error is FerricError {
  return !task.signal.aborted && FerricError.is(error) && error.retryable;
}

/** An error in words for the timeline. */
export function failureText(error: unknown): string {
  return maskText(error instanceof Error ? error.message : String(error));
}
