import { invalidOptions, Secret } from '@ferric/core';
import { decodeManagerFacts, requireLink } from '@ferric/redfish';
import type { IloLicence } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';
import { activateLicence, readLicences } from '../ribcl/index.js';

const LONGEST_KEY = 64;

export function createLicence(perform: Perform): IloLicence {
  return {
    read: (options) =>
      perform('licence', {
        rest: async ({ manager }) => ({ name: decodeManagerFacts(await manager()).licence ?? null }),
        ribcl: async ({ run }) => ({ name: (await run(readLicences())).at(-1)?.type ?? null }),
      }, options),
    async activate(key, options) {
      checkKey(key);
      await perform('licence', {
        async rest({ client, manager, options: call }) {
          await client.post(requireLink(await manager(), 'LicenseService'), { LicenseKey: key }, call);
        },
        async ribcl({ run }) {
          await run(activateLicence(key));
        },
      }, options);
    },
  };
}

function checkKey(key: unknown): void {
  const text = Secret.is(key) ? key.reveal() : undefined;
  if (typeof text === 'string' && text !== '' && text.length <= LONGEST_KEY) return;
  throw invalidOptions('Licence', [{ field: 'key', problem: 'invalid', expected: `a Secret with a text of 1 to ${LONGEST_KEY} characters` }]);
}
