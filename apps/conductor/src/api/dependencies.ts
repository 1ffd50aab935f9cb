import type { Clock, Logger, SecretKeyTest } from '@ferric/core';
import type { Registry } from 'prom-client';
import type { AgentService } from '../agents/agent-service.js';
import type { BootService } from '../boot/boot-service.js';
import type { MediaService } from '../media/media-service.js';
import type { DriverService, NodeService } from '../nodes/node-service.js';
import type { ResourceServices } from '../resources/create-resource-services.js';
import type { Store } from '../store/store.js';
import type { Authenticator } from './auth/authenticator.js';
import type { Certificate } from './tls/certificate.js';

/** What the API needs of the conductor. */
export interface ApiDependencies extends ResourceServices {
  readonly nodes: NodeService;
  readonly drivers: DriverService;
  /** Default: deploy agents are not served; their paths are unknown. */
  readonly agents?: AgentService;
  /** Default: machines are not booted; the paths of scripts and boot files are unknown. */
  readonly boot?: BootService;
  /** Default: no virtual media are served; their paths are unknown. */
  readonly media?: MediaService;
  /** Boot scripts that one address gets in a minute. Default 60. */
  readonly scriptsPerMinute?: number;
  /** Finds out who asks. Default: nobody has to say. */
  readonly authenticator?: Authenticator;
  /** Default: plain HTTP. */
  readonly certificate?: Certificate;
  /** Read only: lists, history, events, conductors. */
  readonly store: Omit<Store, 'write' | 'pruneEvents' | typeof Symbol.asyncDispose>;
  /** Which keys of driver_info hold secrets for this driver, beyond those whose name says so. */
  readonly isSecretKey: (driverName: string) => SecretKeyTest;
  /** Name of this conductor. */
  readonly hostname: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Version of the conductor, for people: `0.1.0`. */
  readonly softwareVersion: string;
  /** Base of all links: `https://conductor.example:6385`. Default: what the request's Host header says. */
  readonly publicEndpoint?: string;
  /** Where request metrics are registered and what `/metrics` shows. Default: no metrics, `/metrics` is unknown. */
  readonly metrics?: Registry;
  /** Why this conductor should get no more requests, such as `draining`; null while it should. Default: always null. */
  readonly notReady?: () => string | null;
  /** When the power of a node was last read, also when nothing had changed. Default: only what the record says. */
  readonly powerConfirmedAt?: (nodeUuid: string) => Date | undefined;
}
