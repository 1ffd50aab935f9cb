import type { CallOptions } from '@ferric/core';
import type { RedfishClient } from '@ferric/redfish';
import type { Connection, RestName } from '../connection/connection.js';
import type { Waiting } from '../connection/outages.js';
import { readDiscoveryData } from '../discovery/index.js';
import type { IloIdentity } from '../ilo-client.js';
import { readFirmwareVersion } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';
import { detect } from './detect.js';

/** How long something is believed that may be so only while the controller starts. Milliseconds. */
const BELIEVED_MS = 60_000;

/** Knows what the controller is, once it was asked. */
export interface Identifier {
  /** Asks, and remembers the answer; for a short time when it may change by itself, and a failure not at all. */
  identify(waiting: Pick<Waiting, 'signal'>): Promise<IloIdentity>;
  forget(): void;
}

export function createIdentifier(settings: CheckedIloSettings, connection: Connection): Identifier {
  const { address, host, port, timeoutMs, clock, gate, transcript } = settings;
  let known: IloIdentity | undefined;
  let knownUntil = Number.POSITIVE_INFINITY;
  const root = (name: RestName): Pick<RedfishClient, 'root'> => {
    return { root: (options) => gate.run((signal) => connection.rest(name).root({ signal }), { signal: options?.signal }) };
  };
  return {
    async identify({ signal }) {
      if (known !== undefined && clock.monotonicMs() < knownUntil) return known;
      const options: CallOptions = { signal };
      const { identity, isConclusive } = await detect({
        address,
        rest: root,
        discovery: (call) => readDiscoveryData({ host, port, timeoutMs, tls: connection.tls, clock, gate, ...(transcript === undefined ? {} : { transcript }) }, call),
        firmwareVersion: (call) => connection.ribcl().run(readFirmwareVersion(), call),
      }, options);
      known = identity;
      knownUntil = isConclusive ? Number.POSITIVE_INFINITY : clock.monotonicMs() + BELIEVED_MS;
      return identity;
    },
    forget() {
      known = undefined;
    },
  };
}
