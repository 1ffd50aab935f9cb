import { type CallOptions, delay, errorCode, FerricError, type FerricErrorCode } from '@ferric/core';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { failedByMessages } from '../errors/refusal.js';
import { withChangingJob } from '../time/job.js';
import { decodeTask, type Task } from './task.js';

export interface TaskOptions extends CallOptions {
  /** What is being done, for errors: `firmware update`. */
  readonly what: string;
  /** The pause between two looks, milliseconds. Default 5000. */
  readonly intervalMs?: number;
  /** Told of the task with every look. Must return at once and must not throw. */
  readonly onProgress?: (task: Task) => void;
}

/** What is left of a task when it is over: the task itself, and the last answer. */
export interface TaskEnd {
  /** Undefined when the controller did all at once, or its monitor told no more than that it is done. */
  readonly task: Task | undefined;
  readonly reply: RedfishReply;
}

/** Updates of firmware take this long. */
const TIMEOUT_MS = 3_600_000;
const INTERVAL_MS = 5000;
const LONGEST_PAUSE_MS = 60_000;
/** A controller that restarts in the middle, as for its own firmware, is waited for. */
const PASSING: ReadonlySet<FerricErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'BUSY']);

/**
 * Waits for the end of what an answer started: 202 with a task, or with a monitor in its header Location. Any other answer is an end already.
 * `timeoutMs` is one hour when the caller gives none and no job is running. Source: DSP0266, "Asynchronous operations".
 * @throws the reason that the task gives for its failure, REFUSED when it gives none; NOT_FOUND when the controller has forgotten the task; TIMEOUT,
 *   which is not retryable: the task goes on
 */
export async function waitForTask(client: RedfishClient, started: RedfishReply, options: TaskOptions): Promise<TaskEnd> {
  const { what, intervalMs = INTERVAL_MS, onProgress, ...call } = options;
  const details = { address: client.address };
  return withChangingJob(call, { what: `${what} of ${client.address}`, defaultTimeoutMs: TIMEOUT_MS, details, clock: client.clock }, async ({ signal }) => {
    let reply = started;
    for (;;) {
      const task = decodeTask(reply.body, reply.path);
      if (task !== undefined) onProgress?.(task);
      if (task?.outcome === 'failed') throw failedByMessages(`${what} of ${client.address} failed`, task.messages, { ...details, taskState: task.state });
      const monitor = task?.path ?? reply.location ?? (reply === started ? undefined : reply.path);
      const goesOn = task === undefined ? reply.status === 202 : task.outcome === 'running';
      if (!goesOn || monitor === undefined) return { task, reply };
      await delay(Math.max(intervalMs, pauseOf(reply)), { signal, clock: client.clock });
      reply = await lookAgain(client, monitor, reply, signal);
    }
  });
}

/** The same answer as before when the controller is away at the moment. */
async function lookAgain(client: RedfishClient, monitor: string, before: RedfishReply, signal: AbortSignal): Promise<RedfishReply> {
  try {
    return await client.send({ method: 'GET', path: monitor }, { signal });
  } catch (error) {
    if (signal.aborted || !FerricError.is(error)) throw error;
    if (PASSING.has(errorCode(error))) return { ...before, location: monitor };
    if (error.code !== 'NOT_FOUND') throw error;
    throw new FerricError('NOT_FOUND', `The controller at ${client.address} has forgotten the task ${monitor}`, {
      cause: error,
      details: { address: client.address, path: monitor },
      hint: 'It may have restarted, or removed the task when it was done: read the state of what was changed.',
    });
  }
}

function pauseOf({ headers }: RedfishReply): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0;
}
