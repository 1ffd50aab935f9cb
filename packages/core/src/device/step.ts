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
  /** `wait` when the machine goes on by itself and reports later. How long it may take it knows by itself: a conductor names no `timeoutMs`. */
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

/** The same for verify steps. Source: Ironic, ironic/conductor/steps.py (VERIFYING_INTERFACE_PRIORITY). */
export const VERIFY_STEP_INTERFACE_PRIORITY: Readonly<Record<StepInterface, number>> = {
  power: 13,
  management: 12,
  firmware: 11,
  deploy: 9,
  bios: 7,
  raid: 6,
  vendor: 5,
};

/** The steps that run unasked, in their order: by priority, then by interface. A step without a kind counts as a clean or deploy step. */
export function orderSteps<S extends Pick<Step, 'priority' | 'interface'> & { readonly kind?: StepKind }>(steps: readonly S[]): S[] {
  const rank = (step: S): number => (step.kind === 'verify' ? VERIFY_STEP_INTERFACE_PRIORITY : STEP_INTERFACE_PRIORITY)[step.interface];
  return steps.filter((step) => step.priority > 0).toSorted((a, b) => b.priority - a.priority || rank(b) - rank(a));
}
