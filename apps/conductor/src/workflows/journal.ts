import type { JsonObject, JsonValue } from '@ferric/core';
import type { WorkKind } from '../nodes/stored-node.js';

/** What a piece of work gets to run with. */
export interface WorkRun {
  readonly nodeUuid: string;
  /** The key of the work in the node's record; work that lost its key stops without a word. */
  readonly key: string;
  readonly input: JsonObject;
  /**
   * Aborts when the conductor stops, the journal cannot be written or another conductor has taken the work over. The handler
   * must then throw and change nothing: the work goes on elsewhere or later.
   */
  readonly signal: AbortSignal;
  /**
   * Runs a step once: its result is written down, and after a crash the step is not run again when it was finished.
   * A step that was in flight runs again, so it must be idempotent or look before it acts.
   * A failure is written down too and thrown as {@link StepFailure}.
   */
  step<T extends JsonValue>(name: string, work: () => Promise<T>): Promise<T>;
}

/** A step failed; the message is what a person should read. */
export class StepFailure extends Error {
  readonly step: string;

  constructor(step: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StepFailure';
    this.step = step;
  }
}

/** Does one kind of work from start to end, including the last change of the node's record. */
export type WorkHandler = (run: WorkRun) => Promise<void>;

export type WorkHandlers = Readonly<Record<WorkKind, WorkHandler>>;
