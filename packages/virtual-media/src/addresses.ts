import { errorCode, invalidOptions, printValue, type OptionIssue, type Task } from '@ferric/core';
import type { Delivery } from './delivery.js';
import type { MediaPlan } from './media-plan.js';

/**
 * Checks, before anything is made, that what a machine would load has an address that it takes.
 * @throws INVALID_OPTIONS naming the field or option whose address is not https; CONFLICT when no address of the conductor is known; the abort reason.
 */
export async function checkAddress(task: Task, plan: MediaPlan, { needsHttps, title }: Delivery): Promise<void> {
  if (!needsHttps) return;
  const issue = plan.kind === 'iso' && !isServed(plan.reference) ? imageIssue(plan.field, plan.reference) : await conductorIssue(task);
  if (issue !== undefined) throw invalidOptions(title, [issue]);
}

/** The same for a validation: that the conductor cannot tell its address is something to be set too. */
export async function validateAddress(task: Task, plan: MediaPlan, delivery: Delivery): Promise<void> {
  try {
    await checkAddress(task, plan, delivery);
  } catch (error) {
    if (errorCode(error) !== 'CONFLICT') throw error;
    throw invalidOptions(delivery.title, [{ field: '--media-endpoint', problem: 'missing', expected: 'the https address under which the firmware of machines reaches the conductor' }]);
  }
}

const isHttps = (address: string): boolean => URL.parse(address)?.protocol === 'https:';
const isServed = (reference: string): boolean => URL.parse(reference)?.protocol === 'file:';

function imageIssue(field: string, reference: string): OptionIssue | undefined {
  if (isHttps(reference)) return undefined;
  return { field, problem: 'invalid', expected: 'an https address, or a file:/// address of an image that the conductor serves over HTTPS', received: printValue(reference) };
}

async function conductorIssue({ node, services, signal }: Task): Promise<OptionIssue | undefined> {
  const address = await services.media.controllerUrl(node, { signal });
  if (isHttps(address)) return undefined;
  const isOwn = ![undefined, null, ''].includes(node.driverInfo['external_http_url'] as null);
  const expected = isOwn
    ? 'the https address under which the firmware of this machine reaches the conductor'
    : 'the https address under which the firmware of machines reaches the conductor: give it --tls-cert and --tls-key, or the address of a proxy that speaks HTTPS';
  return { field: isOwn ? 'driver_info.external_http_url' : '--media-endpoint', problem: 'invalid', expected, received: printValue(address) };
}
