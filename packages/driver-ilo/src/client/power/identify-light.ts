import { decodeIdentifyLight, setIdentifyLight as setRestLight } from '@ferric/redfish';
import type { IloIdentifyLight } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';
import { readIdentifyLight, setIdentifyLight } from '../ribcl/index.js';

export function createIdentifyLight(perform: Perform): IloIdentifyLight {
  return {
    read: (options) =>
      perform('identify light', {
        rest: async ({ system }) => decodeIdentifyLight(await system()) ?? 'unknown',
        ribcl: ({ run }) => run(readIdentifyLight()),
      }, options),
    set: (on, options) =>
      perform('identify light', {
        async rest({ system: readSystem, client, options: call }) {
          const system = await readSystem();
          if (decodeIdentifyLight(system) === (on ? 'on' : 'off')) return;
          await setRestLight(client, system, on ? 'on' : 'off', call);
        },
        async ribcl({ run }) {
          if ((await run(readIdentifyLight())) === (on ? 'on' : 'off')) return;
          await run(setIdentifyLight(on));
        },
      }, options),
  };
}
