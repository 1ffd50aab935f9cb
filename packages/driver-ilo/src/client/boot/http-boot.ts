import { FerricError, type JsonValue } from '@ferric/core';
import { type BiosAttributes, type BiosSettings, changeBios, readBios, readPendingBios } from '@ferric/redfish';
import type { IloHttpBoot } from '../ilo-client.js';
import { checkHttpUrl } from '../media/http-url.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { bootModeOf } from './boot-names.js';

/** The attribute that holds the URL, the first that a server has: Gen10 and later, Gen9. Source: HPE BIOS attribute registries. */
const URL_ATTRIBUTES = ['UrlBootFile', 'UefiShellStartupUrl'];
/** Attributes without which the firmware does not look at the URL, set as far as a server has them. */
const COMPANIONS: Readonly<Record<string, JsonValue>> = { PreBootNetwork: 'Auto', Dhcpv4: 'Enabled' };
/** Gen9 boots the URL by the start-up script of its shell. */
const SHELL_COMPANIONS: Readonly<Record<string, JsonValue>> = { UefiShellStartup: 'Enabled', UefiShellStartupLocation: 'NetworkLocation' };

export function createHttpBoot(perform: Perform): IloHttpBoot {
  return {
    read: (options) =>
      perform('http boot', {
        async rest(call) {
          const { next, attribute } = await readUrlSettings(call);
          const url = next[attribute];
          return typeof url === 'string' && url !== '' ? url : null;
        },
      }, options),
    async set(url, options) {
      if (url !== null) checkHttpUrl('HTTP boot', url);
      await perform('http boot', { rest: (call) => call.lookingAgain(() => setUrl(call, url?.href ?? '')) }, options);
    },
  };
}

interface UrlSettings {
  readonly bios: BiosSettings;
  /** What will be with the next start: a change of the boot mode counts from the same start on. */
  readonly next: BiosAttributes;
  /** The setting that holds the URL. */
  readonly attribute: string;
}

async function readUrlSettings({ client, options, system }: RestCall): Promise<UrlSettings> {
  const bios = await readBios(client, await system(), options);
  // Some list all settings as pending, others only those that change.
  const next = { ...bios.attributes, ...(await readPendingBios(client, bios, options)) };
  const attribute = URL_ATTRIBUTES.find((name) => bios.attributes[name] !== undefined);
  const { path } = bios.resource;
  if (bootModeOf(next['BootMode']) === 'bios') {
    throw new FerricError('UNSUPPORTED', 'Boot from a URL works in UEFI boot mode only, and the server is in BIOS mode', {
      details: { resource: path, bootMode: 'bios' },
    });
  }
  if (attribute === undefined) throw new FerricError('UNSUPPORTED', `${path} has no setting for a URL`, { details: { resource: path } });
  return { bios, next, attribute };
}

async function setUrl(call: RestCall, url: string): Promise<void> {
  await call.whenReady('boot URL', async () => {
    const { bios, next, attribute } = await readUrlSettings(call);
    const companions = { ...COMPANIONS, ...(attribute === URL_ATTRIBUTES[0] ? {} : SHELL_COMPANIONS) };
    const wanted = { [attribute]: url, ...(url === '' ? {} : companions) };
    const changes = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => next[name] !== undefined && next[name] !== value));
    if (Object.keys(changes).length > 0) await changeBios(call.client, bios, changes, call.options);
  });
}
