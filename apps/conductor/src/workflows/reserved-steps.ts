import { STEP_INTERFACES } from '@ferric/core';
import type { NodeStep } from './node-steps.js';

/**
 * Steps that the conductor does itself, whatever interface they are asked of. Ironic's steps that switch the power are not among them: they
 * would end the agent that the other steps need.
 * Source: Ironic, ironic/conductor/steps.py (the reserved step names).
 */
const RESERVED: Readonly<Record<string, NodeStep['run']>> = {
  hold: async () => ({ next: 'hold' }),
  wait: async () => ({ next: 'wait', waitsFor: 'the machine to report' }),
};

/** A reserved step that a request names; undefined when it names none. */
export function reservedStep(request: { readonly interface: string; readonly step: string }): NodeStep | undefined {
  const owner = STEP_INTERFACES.find((name) => name === request.interface);
  const run = Object.hasOwn(RESERVED, request.step) ? RESERVED[request.step] : undefined;
  return owner === undefined || run === undefined ? undefined : { interface: owner, name: request.step, priority: 0, abortable: true, arguments: {}, run };
}
