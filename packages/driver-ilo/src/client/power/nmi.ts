import { FerricError } from '@ferric/core';
import { resetSystem } from '@ferric/redfish';
import type { IloNmi } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';
import { viewOfSystem } from './power-view.js';

export function createNmi(perform: Perform): IloNmi {
  return {
    inject: (options) =>
      perform('nmi', {
        async rest({ system: readSystem, client, options: call, address }) {
          const system = await readSystem();
          if (!viewOfSystem(system).isOn) {
            throw new FerricError('CONFLICT', `The server behind ${address} is off: nobody would get the interrupt`, {
              details: { address },
              hint: 'Switch the server on first.',
            });
          }
          await resetSystem(client, system, 'Nmi', call);
        },
      }, options),
  };
}
