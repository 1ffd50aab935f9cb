import { FerricError, throwIfAborted } from '@ferric/core';
import { refused } from '../errors/refusal.js';
import { isObject, valueOf } from '../resource/readers.js';
import type { ServiceRoot } from './client-types.js';
import { toResource } from './to-resource.js';
import type { ClientSetup } from './settings.js';
import type { Transfer } from './transfer.js';

/** Finds the service root and remembers it. To be used by the one who has the place in the line. */
export interface RootReader {
  /** @throws UNSUPPORTED when no service answers there */
  read(signal: AbortSignal): Promise<ServiceRoot>;
  known(): ServiceRoot | undefined;
  forget(): void;
}

/** Where services begin, in the order in which they are tried. Source: DSP0266, "Redfish-defined URIs"; HPE iLO 4 RESTful API. */
const PLACES = {
  auto: ['/redfish/v1/', '/rest/v1'],
  redfish: ['/redfish/v1/'],
  ris: ['/rest/v1'],
} as const;

const ABSENT = { auto: 'neither Redfish nor RIS', redfish: 'no Redfish', ris: 'no RIS' } as const;

/** Answers by which a web server says that it does not know the path. */
const UNKNOWN_PATH: ReadonlySet<number> = new Set([400, 404, 405, 410, 501]);

export function createRootReader({ address, base }: ClientSetup, transfer: Transfer): RootReader {
  let known: ServiceRoot | undefined;
  return {
    async read(signal) {
      throwIfAborted(signal);
      if (known !== undefined) return known;
      for (const path of PLACES[base]) {
        const reply = await transfer.run({ method: 'GET', path }, {}, signal);
        if (reply.status < 400) {
          const resource = toResource(reply);
          known = { ...resource, style: isObject(valueOf(reply.body, 'links')) && valueOf(reply.body, '@odata.id') === undefined ? 'ris' : 'redfish' };
          return known;
        }
        if (!UNKNOWN_PATH.has(reply.status)) throw refused({ address, method: 'GET', ...reply, secrets: [] });
      }
      throw new FerricError('UNSUPPORTED', `The controller at ${address} speaks ${ABSENT[base]}`, {
        details: { address, tried: [...PLACES[base]] },
        hint: 'Its firmware may be too old, or the service may be switched off.',
      });
    },
    known: () => known,
    forget() {
      known = undefined;
    },
  };
}
