import {
  FerricError, revealSealed, STEP_INTERFACES, type JsonObject, type NodeChanges, type NodeView, type Sealed, type StepArgument, type StepInterface, type StepSequence,
} from '@ferric/core';
import { asObject } from '../client/agent-json.js';
import type { AgentSteps } from '../client/index.js';

/** A step that the agent of this boot offers. */
export interface OfferedStep {
  readonly interface: StepInterface;
  readonly name: string;
  readonly priority: number;
  readonly abortable: boolean;
  /** Whether the machine must boot the agent again after it. */
  readonly rebootRequested: boolean;
  readonly arguments: Readonly<Record<string, StepArgument>>;
}

/** What the agent of this boot offers. */
export interface Offer {
  readonly steps: readonly OfferedStep[];
  /** Sent back unchanged with every step: the agent refuses one that other hardware managers offered. */
  readonly versions: JsonObject;
}

/**
 * What an agent offers, as strategies use it. A step that several hardware managers offer counts once.
 * @throws PROTOCOL_FAULT for a step of an interface that has none.
 */
export function readOffer(kind: StepSequence, told: AgentSteps): Offer {
  const steps = new Map<string, OfferedStep>();
  for (const { step: name, manager, ...step } of told.steps) {
    const owner = STEP_INTERFACES.find((each) => each === step.interface);
    if (owner === undefined) throw unknownInterface(kind, manager, name, step.interface);
    if (!Number.isInteger(step.priority) || step.priority < 0) throw badPriority(kind, manager, name, step.priority);
    // Deploy steps do not say that they may be aborted: all of them may. Source: Ironic, ironic/drivers/base.py (deploy_step).
    const offered: OfferedStep = { ...step, interface: owner, name, abortable: step.abortable || kind === 'deploy' };
    const key = `${owner}.${name}`;
    if (!steps.has(key)) steps.set(key, offered);
  }
  return { steps: [...steps.values()], versions: told.hardwareManagerVersion };
}

const cacheKey = (kind: StepSequence): `agent_cached_${StepSequence}_steps` => `agent_cached_${kind}_steps`;

/** The changes that keep an offer for as long as this agent runs. */
export function cacheOffer(kind: StepSequence, { steps, versions }: Offer): NodeChanges {
  return { driverInternalInfo: { [cacheKey(kind)]: { steps: steps.map(toJson), hardware_manager_version: versions } } };
}

/** The offer of this boot's agent, when it was asked already. */
export function cachedOffer(kind: StepSequence, node: Pick<NodeView, 'driverInternalInfo'>): Offer | undefined {
  return readCache(node.driverInternalInfo[cacheKey(kind)]);
}

/** Where an offer outlives its agent, while a step has the machine restarted. */
const BEFORE_RESTART = 'agent_steps_before_restart';

/** Forgets the offer of before a restart. */
export const OFFER_BEFORE_RESTART_FORGOTTEN = { [BEFORE_RESTART]: null } as const;

/** The changes that keep an offer over a restart: the step in flight must be found again when a crash comes before the agent does. */
export function keepOfferOverRestart(kind: StepSequence, node: Pick<NodeView, 'driverInternalInfo'>): NodeChanges {
  const cached = node.driverInternalInfo[cacheKey(kind)];
  const kept = cached === undefined ? node.driverInternalInfo[BEFORE_RESTART] : { [kind]: cached };
  return kept === undefined ? {} : { driverInternalInfo: { [BEFORE_RESTART]: kept } };
}

/** The offer of the agent before a restart that is under way. */
export function offerBeforeRestart(kind: StepSequence, node: Pick<NodeView, 'driverInternalInfo'>): Offer | undefined {
  return readCache(asObject(revealSealed(node.driverInternalInfo[BEFORE_RESTART] ?? null))?.[kind]);
}

function readCache(cache: Sealed | undefined): Offer | undefined {
  const kept = asObject(revealSealed(cache ?? null));
  const versions = asObject(kept?.['hardware_manager_version']);
  const steps: unknown = kept?.['steps'];
  // Only cacheOffer writes it.
  return Array.isArray(steps) && versions !== undefined ? { steps: (steps as readonly CachedStep[]).map(fromJson), versions } : undefined;
}

interface CachedStep extends Omit<OfferedStep, 'rebootRequested'> {
  readonly reboot_requested: boolean;
}

function toJson({ rebootRequested, arguments: about, ...step }: OfferedStep): JsonObject {
  const args = Object.fromEntries(Object.entries(about).map(([name, { description, required }]) => [name, { description, required }]));
  return { ...step, arguments: args, reboot_requested: rebootRequested };
}

function fromJson({ reboot_requested: rebootRequested, ...step }: CachedStep): OfferedStep {
  return { ...step, rebootRequested };
}

function unknownInterface(kind: StepSequence, manager: string, name: string, owner: string): FerricError {
  return fault(kind, manager, name, `it belongs to the interface ${JSON.stringify(owner)}, which has no steps; those that have are ${STEP_INTERFACES.join(', ')}`);
}

function badPriority(kind: StepSequence, manager: string, name: string, priority: number): FerricError {
  return fault(kind, manager, name, `its priority ${priority} is no whole number of 0 or more`);
}

function fault(kind: StepSequence, manager: string, name: string, problem: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The deploy agent offers a ${kind} step ${name} that cannot be used: ${problem}`, {
    details: { manager, step: name },
    hint: `Correct the hardware manager ${manager} in the ramdisk.`,
  });
}
