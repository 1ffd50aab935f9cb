import { type CallOptions, FerricError } from '@ferric/core';
import {
  type BiosSettings, changeBios, type KeyReset, readBios, readPendingBios, readSecureBoot, resetSecureBootKeys, type SecureBootState, setSecureBoot,
} from '@ferric/redfish';
import type { IloSecureBoot, IloSecureBootReading } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { bootModeOf } from './boot-names.js';

export function createSecureBoot(perform: Perform): IloSecureBoot {
  const resetKeys = (reset: KeyReset) => async (options?: CallOptions): Promise<void> =>
    perform('secure boot keys', { rest: (call) => resetSecureBoot(call, reset) }, options);
  return {
    read: (options) => perform('secure boot', { rest: async (call) => readingOf((await readStates(call)).state) }, options),
    set: (enabled, options) => perform('secure boot', { rest: (call) => call.lookingAgain(() => changeSecureBoot(call, enabled)) }, options),
    resetKeys: resetKeys('ResetAllKeysToDefault'),
    clearKeys: resetKeys('DeleteAllKeys'),
  };
}

interface States {
  readonly state: SecureBootState;
  readonly bios: BiosSettings;
}

/** @throws UNSUPPORTED for a server in BIOS mode: whatever the resource says then, it means nothing */
async function readStates({ client, options, system: readSystem }: RestCall): Promise<States> {
  const system = await readSystem();
  const bios = await readBios(client, system, options);
  const state = await readSecureBoot(client, system, options);
  if (bootModeOf(bios.attributes['BootMode']) !== 'bios') return { state, bios };
  throw new FerricError('UNSUPPORTED', 'Secure boot works in UEFI boot mode only, and the server is in BIOS mode', {
    details: { resource: state.resource.path, bootMode: 'bios' },
    hint: 'Set the boot mode to UEFI and restart the server first.',
  });
}

function readingOf({ current, next }: SecureBootState): IloSecureBootReading {
  return { current: current ?? next ?? false, next: next ?? current ?? false };
}

async function changeSecureBoot(call: RestCall, enabled: boolean): Promise<void> {
  await call.whenReady('secure boot', async () => {
    const { state, bios } = await readStates(call);
    const { current, next } = readingOf(state);
    if (next !== enabled) await setSecureBoot(call.client, state, enabled, call.options);
    if (current !== enabled) await stirBios(call, bios);
  });
}

async function resetSecureBoot(call: RestCall, reset: KeyReset): Promise<void> {
  await call.whenReady('keys of secure boot', async () => {
    const { state, bios } = await readStates(call);
    await resetSecureBootKeys(call.client, state, reset, call.options);
    await stirBios(call, bios);
  });
}

/** A text that the server shows when it starts; a blank at its end is not seen. */
const HARMLESS = 'CustomPostMessage';

/**
 * Gen9 takes up a change of secure boot only together with a change of any BIOS setting: a blank is added to a harmless one, or removed.
 * Not needed when a change waits already. Source: proliantutils, ilo/ris.py.
 */
async function stirBios({ client, options, identity }: RestCall, bios: BiosSettings): Promise<void> {
  if (identity.ilo !== 4) return;
  const pending = await readPendingBios(client, bios, options);
  const isChanging = Object.entries(pending).some(([name, value]) => Object.hasOwn(bios.attributes, name) && bios.attributes[name] !== value);
  const text = bios.attributes[HARMLESS];
  if (isChanging || typeof text !== 'string') return;
  await changeBios(client, bios, { [HARMLESS]: text.endsWith(' ') ? text.slice(0, -1) : `${text} ` }, options);
}
