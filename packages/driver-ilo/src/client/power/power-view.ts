import type { PowerState } from '@ferric/core';
import { decodeSystemPower, type Resource, type SystemPowerState } from '@ferric/redfish';
import type { IloPowerReading } from '../ilo-client.js';

/** What one look at the power shows. */
export interface PowerView {
  /** `changing`: on its way to another state. */
  readonly state: PowerState | 'changing';
  /** On for certain, whatever comes next: also a server that is just shutting down. */
  readonly isOn: boolean;
  /** How far the self-test is; null where the controller does not tell. */
  readonly postState: string | null;
  /** The controller's own word for the state. */
  readonly word: string | null;
}

/** `Reset` is iLO's word for a server that restarts. A server that is being switched on is not on yet. */
const STATES: Readonly<Record<SystemPowerState, readonly [state: PowerView['state'], isOn: boolean]>> = {
  On: ['power on', true],
  Off: ['power off', false],
  PoweringOn: ['changing', false],
  PoweringOff: ['changing', true],
  Paused: ['power on', true],
  Reset: ['power on', true],
};

/** Source: HPE iLO RESTful API, ComputerSystem, PowerState and Oem.Hpe.PostState. */
export function viewOfSystem(system: Resource): PowerView {
  const { state: word, postState = null } = decodeSystemPower(system);
  const [state, isOn] = word === undefined ? (['unknown', false] as const) : STATES[word];
  return { state, isOn, postState, word: word ?? null };
}

/** RIBCL tells nothing about the self-test. */
export function viewOfRibcl(state: 'power on' | 'power off'): PowerView {
  return { state, isOn: state === 'power on', postState: null, word: null };
}

/** A server on its way is still what it was. */
export function readingOf(view: PowerView, at: Date): IloPowerReading {
  const state = view.state === 'changing' ? (view.isOn ? 'power on' : 'power off') : view.state;
  const detail = detailOf(view);
  return { state, source: 'device', at, postState: view.postState, ...(detail === undefined ? {} : { detail }) };
}

function detailOf({ state, word, postState }: PowerView): string | undefined {
  if (state === 'unknown') return 'the iLO does not know the power state at the moment; it may be starting';
  const parts = [...(state === 'changing' && word !== null ? [`power is changing (${word})`] : []), ...(postState === null ? [] : [`self-test: ${postState}`])];
  return parts.length === 0 ? undefined : parts.join(', ');
}
