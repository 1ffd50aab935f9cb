import type { ProvisionEvent, ProvisionState } from './states.js';

/** What the API may ask for, and what it does. */
export interface ProvisionVerb {
  readonly event: ProvisionEvent;
  /** First microversion (the N of 1.N) that admits it. */
  readonly since: number;
  /** Versions that admit it only later in some states. */
  readonly sinceIn?: Readonly<Partial<Record<ProvisionState, number>>>;
  /** Refused while the node is in maintenance. */
  readonly refusedInMaintenance?: boolean;
  /** Refused with 403 while the node is protected. */
  readonly refusedWhenProtected?: boolean;
}

/**
 * Verbs of `PUT /v1/nodes/{node}/states/provision`.
 * Source: Ironic, ironic/api/controllers/v1/node.py (NodeStatesController.provision) and versions.py.
 */
export const PROVISION_VERBS: Readonly<Record<string, ProvisionVerb>> = Object.freeze({
  // Names come from outside: without this, `constructor` would be a verb.
  __proto__: null,
  active: { event: 'deploy', since: 1, refusedInMaintenance: true },
  deploy: { event: 'deploy', since: 73, refusedInMaintenance: true },
  rebuild: { event: 'rebuild', since: 1, refusedInMaintenance: true, refusedWhenProtected: true },
  deleted: { event: 'delete', since: 1, refusedWhenProtected: true },
  undeploy: { event: 'delete', since: 73, refusedWhenProtected: true },
  manage: { event: 'manage', since: 4 },
  provide: { event: 'provide', since: 4 },
  inspect: { event: 'inspect', since: 6 },
  abort: { event: 'abort', since: 13, sinceIn: { 'inspect wait': 41, 'wait call-back': 110 } },
  clean: { event: 'clean', since: 15, refusedInMaintenance: true },
  adopt: { event: 'adopt', since: 17 },
  rescue: { event: 'rescue', since: 38, refusedInMaintenance: true },
  unrescue: { event: 'unrescue', since: 38, refusedInMaintenance: true },
  unhold: { event: 'unhold', since: 85 },
  service: { event: 'service', since: 87, refusedInMaintenance: true },
} satisfies Record<string, ProvisionVerb | null> as unknown as Record<string, ProvisionVerb>);
