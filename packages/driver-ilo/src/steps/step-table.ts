import type { JsonObject, StepArgument, StepKind } from '@ferric/core';
import type { IloCall, IloMachine } from '../ilo-machine.js';
import type { IloDriverName } from '../ilo-options.js';
import type { RestartPacing } from '../restart.js';
import type { AutomaticStepName } from './clean-priorities.js';

/** What a step works with. */
export interface StepWork {
  readonly machine: IloMachine;
  readonly call: IloCall;
  readonly args: JsonObject;
  readonly pacing: RestartPacing;
}

/** One step of the management interface. */
export interface StepFacts {
  readonly name: string;
  /** Steps that may run by themselves while cleaning take their priority from driver_info; all others have 0. */
  readonly automatic?: AutomaticStepName;
  /** Default: clean and deploy. */
  readonly kinds?: readonly StepKind[];
  /** Default: both. */
  readonly drivers?: readonly IloDriverName[];
  readonly arguments?: Readonly<Record<string, StepArgument>>;
  /** True: where the machine cannot do it there is nothing to do, and cleaning goes on. Default false: UNSUPPORTED. */
  readonly skippable?: boolean;
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** True: it knows other credentials, should those of driver_info be refused. Default false. */
  readonly knowsOthers?: boolean;
  /** Looks at the arguments before anything is sent. Throws INVALID_OPTIONS. */
  check?(args: JsonObject): void;
  run(work: StepWork): Promise<'done' | 'wait'>;
}
