import { afterRestart } from '@ferric/agent';
import {
  orderSteps, revealSealed, type Device, type JsonObject, type Sealed, type StepArgument, type StepInterface, type StepSequence,
  type StrategyResult, type StrategyStep, type Task,
} from '@ferric/core';
import { faults } from '../fault.js';
import { capabilitySteps } from '../nodes/capability-steps.js';
import { reservedStep } from './reserved-steps.js';

/** A step of a driver or a strategy, alike for who runs it. */
export interface NodeStep {
  readonly interface: StepInterface;
  readonly name: string;
  readonly priority: number;
  readonly abortable: boolean;
  readonly arguments: Readonly<Record<string, StepArgument>>;
  run(task: Task, args: JsonObject): Promise<StepResult>;
  resume?(task: Task, args: JsonObject): Promise<StepResult>;
}

/** `hold`: the node stays as it is until somebody says `unhold`. */
export type StepResult = Omit<StrategyResult, 'next'> & { readonly next: StrategyResult['next'] | 'hold' };

/** A step that is going to run, with its arguments. */
export interface PlannedStep {
  readonly step: NodeStep;
  readonly args: JsonObject;
  /** Where it was asked to run. Default: where it runs by itself. */
  readonly priority?: number;
}

/** All steps of one kind that a node has, from its device, its deploy strategy, and what its capabilities can do. A driver's own step comes before ours of that name. */
export function stepsOf(kind: StepSequence, device: Device, strategySteps: readonly StrategyStep[]): readonly NodeStep[] {
  const ofDevice = (device.steps ?? []).filter((step) => step.kind === kind);
  const own = [...strategySteps.filter((step) => step.kind === kind), ...ofDevice];
  const ofCapabilities = capabilitySteps(device).filter(
    (step) => step.kind === kind && !own.some((each) => each.interface === step.interface && each.name === step.name),
  );
  return [
    ...strategySteps.filter((step) => step.kind === kind),
    ...ofCapabilities.map(untilAgentIsBack),
    ...ofDevice.map((step) => untilAgentIsBack({
      interface: step.interface,
      name: step.name,
      priority: step.priority,
      abortable: step.abortable,
      arguments: step.arguments,
      // How long it may take the driver knows: a controller that starts anew is away for minutes.
      run: async (task: Task, args: JsonObject) => ({ next: await step.run(args, { signal: task.signal }) }),
    })),
  ];
}

/** A step of the device may start the machine anew. Then the next one has to wait for what ran there. */
function untilAgentIsBack(step: Omit<NodeStep, 'run' | 'resume'> & Pick<StrategyStep, 'run' | 'resume'>): NodeStep {
  // The record of the node is another one afterwards.
  const settled = (task: Task, result: StrategyResult): StepResult => afterRestart(task.node, result);
  return {
    ...step,
    async run(task, args) {
      const result = await step.run(task, args);
      return settled(task, result);
    },
    async resume(task, args) {
      const result = (await step.resume?.(task, args)) ?? { next: 'done' };
      return settled(task, result);
    },
  };
}

/** A step as a client asks for it: `{interface, step, args, priority}`, the priority as number or text. Source: Ironic, schema of clean_steps and deploy_steps. */
export interface RequestedStep {
  readonly interface: string;
  readonly step: string;
  readonly args: JsonObject;
  readonly priority: number | undefined;
}

/** Steps from a sealed document, such as driver_internal_info.clean_steps. */
export function requestedSteps(document: Sealed | undefined): readonly RequestedStep[] {
  const steps = revealSealed(document ?? []) as readonly JsonObject[];
  return steps.map((step) => ({
    interface: String(step['interface']),
    step: String(step['step']),
    args: (step['args'] ?? {}) as JsonObject,
    priority: step['priority'] === undefined ? undefined : Number(step['priority']),
  }));
}

/** How strict a plan is. */
export interface PlanOptions {
  /** A requested step that nobody offers is left out: the ramdisk, which does not run yet, may offer it. Default false. */
  readonly mayBeMissing?: boolean;
}

/**
 * The steps that run by themselves, highest priority first; a requested one replaces the priority and arguments of its namesake.
 * @throws RequestFault 400 for a requested step that the node does not have.
 */
export function planSteps(
  nodeUuid: string, kind: StepSequence, available: readonly NodeStep[], requested: readonly RequestedStep[], options: PlanOptions = {},
): readonly PlannedStep[] {
  const asked = findSteps(nodeUuid, kind, available, requested, options);
  const merged = available.map((step) => {
    const override = asked.find((each) => each.step === step)?.request;
    return { step, args: override?.args ?? {}, interface: step.interface, priority: override?.priority ?? step.priority };
  });
  const reserved = asked.filter(({ step }) => !available.includes(step));
  return orderSteps([
    ...merged,
    ...reserved.map(({ request, step }) => ({ step, args: request.args, interface: step.interface, priority: request.priority ?? 0 })),
  ]);
}

/** The requested steps and no others, in the order of the request: manual cleaning. Throws like {@link planSteps}. */
export function pickSteps(
  nodeUuid: string, kind: StepSequence, available: readonly NodeStep[], requested: readonly RequestedStep[], options: PlanOptions = {},
): readonly PlannedStep[] {
  return findSteps(nodeUuid, kind, available, requested, options).map(({ request, step }) => ({ step, args: request.args }));
}

interface FoundStep {
  readonly request: RequestedStep;
  readonly step: NodeStep;
}

function findSteps(
  nodeUuid: string, kind: StepSequence, available: readonly NodeStep[], requested: readonly RequestedStep[], { mayBeMissing = false }: PlanOptions,
): readonly FoundStep[] {
  return requested.flatMap((request) => {
    const step = available.find((each) => each.interface === request.interface && each.name === request.step) ?? reservedStep(request);
    if (step === undefined) {
      if (mayBeMissing) return [];
      throw faults.invalid(`Cannot ${kind} node ${nodeUuid}: node does not support this ${kind} step: {'interface': '${request.interface}', 'step': '${request.step}'}`);
    }
    const isOff = kind === 'deploy' && request.priority === 0;
    const missing = isOff ? undefined : Object.entries(step.arguments).find(([name, argument]) => argument.required && request.args[name] === undefined);
    if (missing !== undefined) {
      throw faults.invalid(`Cannot ${kind} node ${nodeUuid}: step ${request.interface}.${request.step} needs the argument '${missing[0]}': ${missing[1].description}`);
    }
    return [{ request, step }];
  });
}

/** The step as `clean_step` and `deploy_step` of a node show it. */
export function describeStep({ step, args, priority = step.priority }: PlannedStep, index: number, total: number): JsonObject {
  return { interface: step.interface, step: step.name, priority, abortable: step.abortable, args: Object.keys(args), index, total };
}
