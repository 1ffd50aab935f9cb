import type { JsonObject } from '../json.js';
import type { CallOptions } from '../time/call-options.js';

export const STEP_KINDS = ['clean', 'deploy', 'verify', 'service'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** Interfaces that may own steps, as Ironic checks `clean_steps[].interface`. */
export const STEP_INTERFACES = ['power', 'management', 'deploy', 'bios', 'raid', 'firmware', 'vendor'] as const;
export type StepInterface = (typeof STEP_INTERFACES)[number];

export interface StepArgument {
  readonly description: string;
  readonly required: boolean;
}

/** One piece of cleaning, deploying, verifying or servicing. */
export interface Step {
  readonly kind: StepKind;
  readonly interface: StepInterface;
  readonly name: string;
  /** Highest first; 0 runs only when asked for by name. */
  readonly priority: number;
  /** Whether `abort` may end it. */
  readonly abortable: boolean;
  /** Whether the deploy agent must be running on the machine. */
  readonly requiresRamdisk: boolean;
  readonly arguments: Readonly<Record<string, StepArgument>>;
  /** `wait` when the machine goes on by itself and reports later. */
  run(args: JsonObject, options?: CallOptions): Promise<'done' | 'wait'>;
}

/**
 * Order among steps of equal priority: the higher number first.
 * Source: Ironic, ironic/conductor/steps.py (CLEANING_INTERFACE_PRIORITY).
 */
export const STEP_INTERFACE_PRIORITY: Readonly<Record<StepInterface, number>> = {
  vendor: 7,
  power: 6,
  management: 5,
  firmware: 4,
  deploy: 3,
  bios: 2,
  raid: 1,
};

/** The steps that run unasked, in their order. */
export function orderSteps<S extends Pick<Step, 'priority' | 'interface'>>(steps: readonly S[]): S[] {
  return steps
    .filter((step) => step.priority > 0)
    .toSorted((a, b) => b.priority - a.priority || STEP_INTERFACE_PRIORITY[b.interface] - STEP_INTERFACE_PRIORITY[a.interface]);
}
