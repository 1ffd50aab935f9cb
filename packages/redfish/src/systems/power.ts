import type { CallOptions } from '@ferric/core';
import { findAction, requireAction, runAction } from '../actions/actions.js';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { oem } from '../resource/oem.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';

/** Source: schema ComputerSystem, PowerState; `Reset` is iLO's. */
export const SYSTEM_POWER_STATES = ['On', 'Off', 'PoweringOn', 'PoweringOff', 'Paused', 'Reset'] as const;
export type SystemPowerState = (typeof SYSTEM_POWER_STATES)[number];

export interface SystemPower {
  /** Undefined while the controller itself does not know, such as right after its start. */
  readonly state: SystemPowerState | undefined;
  /** How far the power-on self-test is, where the vendor tells: `PowerOff`, `InPost`, `InPostDiscoveryComplete`, `FinishedPost`, `Reset`, `Unknown`. */
  readonly postState: string | undefined;
}

/** The power of a system as it was read: `PowerState` of Redfish, `Power` of RIS. */
export function decodeSystemPower({ body, path }: Resource): SystemPower {
  const system = reader(body, path);
  const word = system.text('PowerState') ?? system.text('Power');
  const postState = reader(oem(body), path, 'Oem.').text('PostState');
  return {
    state: SYSTEM_POWER_STATES.find((state) => state === word),
    postState: postState === 'Null' ? undefined : postState,
  };
}

/** Kinds of reset that the system takes; empty when it does not say. */
export function resetTypes(system: Resource): readonly string[] {
  return findAction(system, 'Reset')?.allowed.get('ResetType') ?? [];
}

/**
 * Switches or resets the system. Sent once: the controller may refuse what it has just done, so read the state first.
 * @param type of {@link resetTypes}: `On`, `ForceOff`, `ForceRestart`, `GracefulShutdown`, `PushPowerButton`, `Nmi`, ...
 * @throws UNSUPPORTED for a type that is not among them; CONFLICT or BUSY, to be tried again, while it is busy with an earlier one
 */
export async function resetSystem(client: RedfishClient, system: Resource, type: string, options?: CallOptions): Promise<RedfishReply> {
  return runAction(client, requireAction(system, 'Reset'), { ResetType: type }, options);
}

/** What a finger can do. */
export type ButtonPush = 'Press' | 'PressAndHold';

/** Pushes the power button, where the vendor offers that: a short push asks the operating system, a long one cuts the power. @throws UNSUPPORTED */
export async function pushPowerButton(client: RedfishClient, system: Resource, push: ButtonPush, options?: CallOptions): Promise<RedfishReply> {
  return runAction(client, requireAction(system, 'PowerButton', 'vendor'), { PushType: push }, options);
}
