import type { JsonObject } from '@ferric/core';
import { listOfMessages, type RedfishMessage } from '../errors/messages.js';
import { linkTarget } from '../resource/links.js';
import { reader, valueOf } from '../resource/readers.js';

export type TaskOutcome = 'running' | 'done' | 'failed';

/** Something that goes on in the controller. Source: schema Task. */
export interface Task {
  /** In the controller's words: `Running`, `Completed`, `Exception`, ... */
  readonly state: string;
  readonly outcome: TaskOutcome;
  /** 0 to 100, where the controller tells. */
  readonly percent: number | undefined;
  readonly messages: readonly RedfishMessage[];
  /** Path of the task resource itself. */
  readonly path: string | undefined;
}

/** States after which a task changes no more. Source: schema Task, TaskState. */
const ENDED: Readonly<Record<string, TaskOutcome>> = {
  Completed: 'done',
  Cancelled: 'failed',
  Exception: 'failed',
  Killed: 'failed',
  Interrupted: 'failed',
};

/** The task in an answer; undefined when it holds none. */
export function decodeTask(body: JsonObject, path: string): Task | undefined {
  const fields = reader(body, path);
  const state = fields.text('TaskState');
  if (state === undefined) return undefined;
  const outcome = Object.hasOwn(ENDED, state) ? (ENDED[state] ?? 'running') : 'running';
  // A task that ended with TaskStatus Critical has failed, whatever its state is called.
  const critical = outcome === 'done' && fields.text('TaskStatus') === 'Critical';
  return {
    state,
    outcome: critical ? 'failed' : outcome,
    percent: fields.number('PercentComplete'),
    messages: listOfMessages(valueOf(body, 'Messages')),
    path: linkTarget(valueOf(body, '@odata.id'), path, '@odata.id'),
  };
}
