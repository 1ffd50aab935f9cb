import { FerricError, printValue, type VirtualMedia, type VirtualMediaType } from '@ferric/core';
import { ILO_MEDIA_TYPES, type IloMediaType } from './client/index.js';
import type { IloMachine } from './ilo-machine.js';

/** Images that the iLO loads from an address and shows to the machine, read only. */
export function createIloVirtualMedia(machine: IloMachine): VirtualMedia {
  return {
    supported: new Set<VirtualMediaType>(ILO_MEDIA_TYPES),
    read: (options) => machine.perform({ what: 'read virtual media' }, options, ({ client, options: call }) => client.virtualMedia.read(call)),
    async insert(type, url, options) {
      const known = requireDrive(machine, type);
      await machine.perform({ what: 'insert virtual media' }, options, ({ client, options: call }) => client.virtualMedia.insert(known, url, call));
    },
    async eject(type, options) {
      const known = requireDrive(machine, type);
      await machine.perform({ what: 'eject virtual media' }, options, ({ client, options: call }) => client.virtualMedia.eject(known, call));
    },
  };
}

function requireDrive({ address }: IloMachine, type: VirtualMediaType): IloMediaType {
  const known = ILO_MEDIA_TYPES.find((each) => each === type);
  if (known !== undefined) return known;
  throw new FerricError('UNSUPPORTED', `An iLO has no virtual drive of the type ${printValue(type)}`, {
    details: { address, field: 'type', received: printValue(type), accepted: [...ILO_MEDIA_TYPES] },
    hint: `Use one of: ${ILO_MEDIA_TYPES.join(', ')}.`,
  });
}
