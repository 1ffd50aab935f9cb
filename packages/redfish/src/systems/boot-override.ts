import { type CallOptions, FerricError } from '@ferric/core';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';

/** For how long another boot source counts. Source: schema ComputerSystem, BootSourceOverrideEnabled. */
export const OVERRIDE_DURATIONS = ['Disabled', 'Once', 'Continuous'] as const;
export type OverrideDuration = (typeof OVERRIDE_DURATIONS)[number];

export interface BootOverride {
  /** Disabled too when the controller does not say. */
  readonly enabled: OverrideDuration;
  /** `None`, `Pxe`, `Cd`, `Hdd`, `Usb`, `UefiTarget`, `UefiHttp`, ... */
  readonly target: string | undefined;
  /** `UEFI` or `Legacy`. */
  readonly mode: string | undefined;
  /** The device path or name that `UefiTarget` leads to. */
  readonly uefiTarget: string | undefined;
  /** Targets that the system takes; empty when it does not say. */
  readonly targets: readonly string[];
  readonly uefiTargets: readonly string[];
}

const ALLOWED = '@Redfish.AllowableValues';

/** The boot override of a system as it was read. RIS lists what it takes under names of its own. */
export function decodeBootOverride({ body, path }: Resource): BootOverride {
  const boot = reader(body, path).child('Boot');
  const enabled = boot.text('BootSourceOverrideEnabled');
  const firstOf = (...lists: readonly (readonly string[])[]): readonly string[] => lists.find((list) => list.length > 0) ?? [];
  const uefiTarget = boot.text('UefiTargetBootSourceOverride');
  return {
    enabled: OVERRIDE_DURATIONS.find((duration) => duration === enabled) ?? 'Disabled',
    target: boot.text('BootSourceOverrideTarget'),
    mode: boot.text('BootSourceOverrideMode'),
    uefiTarget: uefiTarget === 'None' ? undefined : uefiTarget,
    targets: firstOf(boot.texts(`BootSourceOverrideTarget${ALLOWED}`), boot.texts('BootSourceOverrideSupported')),
    uefiTargets: firstOf(boot.texts(`UefiTargetBootSourceOverride${ALLOWED}`), boot.texts('UefiTargetBootSourceOverrideSupported')),
  };
}

export interface BootOverrideChange {
  readonly enabled: OverrideDuration;
  /** Of {@link BootOverride.targets}. */
  readonly target: string;
  /** Required for the target `UefiTarget`: of {@link BootOverride.uefiTargets}. */
  readonly uefiTarget?: string;
  /** Left out by default: many controllers cannot change it here and refuse everything then. */
  readonly mode?: 'UEFI' | 'Legacy';
}

/**
 * Sets what the system boots from next.
 * @throws UNSUPPORTED, before anything is sent, for a target that the system does not list; BUSY during the power-on self-test, see `whileBusy`
 */
export async function setBootOverride(client: RedfishClient, system: Resource, change: BootOverrideChange, options?: CallOptions): Promise<RedfishReply> {
  const { targets, uefiTargets } = decodeBootOverride(system);
  requireListed(system, 'BootSourceOverrideTarget', change.target, targets);
  if (change.uefiTarget !== undefined) {
    requireListed(system, 'UefiTargetBootSourceOverride', change.uefiTarget, uefiTargets);
    // First the device, then the override that leads to it: HPE iLO RESTful API, "Change UEFI target".
    await client.change(system, { Boot: { UefiTargetBootSourceOverride: change.uefiTarget } }, options);
  }
  // What was read is older than the change above.
  const present = change.uefiTarget === undefined ? system : await client.read(system.path, options);
  return client.change(
    present,
    {
      Boot: {
        BootSourceOverrideEnabled: change.enabled,
        BootSourceOverrideTarget: change.target,
        ...(change.mode === undefined ? {} : { BootSourceOverrideMode: change.mode }),
      },
    },
    options,
  );
}

function requireListed({ path }: Resource, property: string, value: string, listed: readonly string[]): void {
  if (listed.length === 0 || listed.includes(value)) return;
  throw new FerricError('UNSUPPORTED', `${path} does not take ${value} as ${property}`, {
    details: { resource: path, property, received: value, allowed: [...listed] },
    hint: `It takes ${listed.join(', ')}.`,
  });
}
