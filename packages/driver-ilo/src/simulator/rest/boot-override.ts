import type { JsonObject, JsonValue } from '@ferric/core';
import { type BootOverride, NO_OVERRIDE, OVERRIDE_TARGETS, type OverrideTarget } from '../machine/boot.js';
import type { Machine } from '../machine/machine.js';
import { type Outcome, refuse } from '../outcome.js';
import { asObject, asText, type RestContext } from './resource.js';

const ENABLED = ['Disabled', 'Once', 'Continuous'] as const;

/** The targets that this machine knows. */
export function overrideTargets({ identity }: Machine): readonly OverrideTarget[] {
  return identity.facts.iloNumber === 4 ? OVERRIDE_TARGETS : [...OVERRIDE_TARGETS, 'SDCard', 'UefiHttp'];
}

/** Changes what is booted from, once or always. Refused while the machine tests itself. */
export function changeOverride({ machine, caller }: RestContext, wanted: JsonValue): Outcome {
  const body = asObject(wanted);
  const { boot } = machine;
  const uefiTarget = asText(body['UefiTargetBootSourceOverride']) ?? boot.override.uefiTarget;
  const target = asText(body['BootSourceOverrideTarget']) ?? targetOf(body, boot.override, uefiTarget);
  const enabled = asText(body['BootSourceOverrideEnabled']) ?? defaultEnabled(boot.override, target);
  const knownTarget = overrideTargets(machine).find((each) => each === target);
  if (knownTarget === undefined) return refuse('value not allowed', target, 'BootSourceOverrideTarget');
  const knownEnabled = ENABLED.find((each) => each === enabled);
  if (knownEnabled === undefined) return refuse('value not allowed', enabled, 'BootSourceOverrideEnabled');
  const isKnownPath = uefiTarget === 'None' || boot.sources.some(({ name, devicePath }) => name === uefiTarget || devicePath === uefiTarget);
  if (!isKnownPath) return refuse('value not allowed', uefiTarget, 'UefiTargetBootSourceOverride');
  return caller.perform('set boot override', () => {
    if (machine.power.isInPost) return refuse('during post', 'BootSourceOverrideTarget');
    boot.override = knownEnabled === 'Disabled' ? { ...NO_OVERRIDE, uefiTarget } : { enabled: knownEnabled, target: knownTarget, uefiTarget };
    return undefined;
  });
}

/** Who says when, and by which path, with it or before, but names no target, boots by that path. Source: HPE ilorest, BootOrderCommand.py. */
function targetOf(body: JsonObject, present: BootOverride, uefiTarget: string): string {
  const isNew = 'UefiTargetBootSourceOverride' in body || present.target === 'None';
  const isByPath = uefiTarget !== 'None' && isNew && 'BootSourceOverrideEnabled' in body && body['BootSourceOverrideEnabled'] !== 'Disabled';
  return isByPath ? 'UefiTarget' : present.target;
}

/** A target alone means once; no target means none. */
function defaultEnabled(present: BootOverride, target: string): string {
  if (target === 'None') return 'Disabled';
  return present.enabled === 'Disabled' && present.target !== target ? 'Once' : present.enabled;
}
