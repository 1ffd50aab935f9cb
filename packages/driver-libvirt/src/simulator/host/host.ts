import type { Clock } from '@ferric/core';
import type { Activity } from '../daemon/activity.js';
import type { FaultBoard } from '../daemon/fault-board.js';
import type { KeepAliveSettings } from '../daemon/keep-alive.js';
import type { ScramVerifier } from '../daemon/scram-server.js';
import type { Domains } from '../domain/domains.js';
import type { EventHub } from '../domain/event-hub.js';
import type { Networks } from '../network/networks.js';
import type { StoragePools } from '../storage/pools.js';

export interface HostSettings {
  readonly hostname: string;
  readonly keepAlive: KeepAliveSettings;
  /** Calls of one client that are worked on at one time. */
  readonly maxClientRequests: number;
}

/** Everything that one daemon has and knows. */
export interface Host {
  readonly settings: HostSettings;
  readonly clock: Clock;
  /** Absent when nobody is asked who he is. */
  readonly verifier: ScramVerifier | undefined;
  readonly domains: Domains;
  readonly networks: Networks;
  readonly pools: StoragePools;
  readonly events: EventHub;
  readonly faults: FaultBoard;
  readonly activity: Activity;
}
