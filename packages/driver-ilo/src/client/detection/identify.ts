import type { CallOptions } from '@ferric/core';
import type { RedfishClient } from '@ferric/redfish';
import type { Connection, RestName } from '../connection/connection.js';
import type { Waiting } from '../connection/outages.js';
import { readDiscoveryData } from '../discovery/index.js';
import type { IloIdentity } from '../ilo-client.js';
import { readFirmwareVersion } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';
import { detect } from './detect.js';

/** Knows what the controller is, once it was asked. */
export interface Identifier {
  /** Asks, and remembers the answer; a failure is not remembered. */
  identify(waiting: Pick<Waiting, 'signal'>): Promise<IloIdentity>;
  forget(): void;
}

export function createIdentifier(settings: CheckedIloSettings, connection: Connection): Identifier {
  const { address, host, port, timeoutMs, tls, clock, gate, transcript } = settings;
  let known: IloIdentity | undefined;
  const root = (name: RestName): Pick<RedfishClient, 'root'> => {
    const client = connection.rest(name);
    return { root: (options) => gate.run((signal) => client.root({ signal }), { signal: options?.signal }) };
  };
  return {
    async identify({ signal }) {
      if (known !== undefined) return known;
      const options: CallOptions = { signal };
      known = await detect({
        address,
        rest: root,
        discovery: (call) => readDiscoveryData({ host, port, timeoutMs, tls, clock, gate, ...(transcript === undefined ? {} : { transcript }) }, call),
        firmwareVersion: (call) => connection.ribcl().run(readFirmwareVersion(), call),
      }, options);
      return known;
    },
    forget() {
      known = undefined;
    },
  };
}
