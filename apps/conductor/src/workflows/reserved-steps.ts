import { STEP_INTERFACES, type PowerTarget, type StepInterface, type Task } from '@ferric/core';
import type { NodeStep, StepResult } from './node-steps.js';

/**
 * Steps that the conductor does itself, whatever interface they are asked of.
 * Source: Ironic, ironic/conductor/steps.py (the reserved step names).
 */
const RESERVED: Readonly<Record<string, Pick<NodeStep, 'arguments' | 'run'>>> = {
  power_on: { arguments: {}, run: (task) => setPower(task, 'power on') },
  power_off: { arguments: {}, run: (task) => setPower(task, 'power off') },
  reboot: { arguments: {}, run: (task) => setPower(task, 'rebooting') },
  hold: { arguments: {}, run: async () => ({ next: 'hold' }) },
  wait: { arguments: {}, run: async () => ({ next: 'wait', waitsFor: 'the machine to report' }) },
};

/** A reserved step that a request names; undefined when it names none. */
export function reservedStep(request: { readonly interface: string; readonly step: string }): NodeStep | undefined {
  const owner = STEP_INTERFACES.find((name) => name === request.interface) as StepInterface | undefined;
  const step = Object.hasOwn(RESERVED, request.step) ? RESERVED[request.step] : undefined;
  return owner === undefined || step === undefined ? undefined : { interface: owner, name: request.step, priority: 0, abortable: true, ...step };
}

async function setPower(task: Task, target: PowerTarget): Promise<StepResult> {
  await task.device.power.set(target, { signal: task.signal });
  return { next: 'done' };
}
