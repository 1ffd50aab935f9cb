import type { JsonObject } from '@ferric/core';
import type { FastifyInstance } from 'fastify';
import { allocationEndpoints } from './allocations/allocations.js';
import { bootEndpoints, registerBoot } from './boot/register-boot.js';
import { chassisEndpoints } from './chassis/chassis.js';
import { conductorEndpoints } from './conductors/conductors.js';
import type { ApiDependencies } from './dependencies.js';
import { deployTemplateEndpoints } from './deploy-templates/deploy-templates.js';
import { driverEndpoints } from './drivers/drivers.js';
import { networkEventEndpoints } from './events/events.js';
import { registerEventStream } from './ferric/event-stream.js';
import { registerHealth } from './ferric/health.js';
import { mediaEndpoints, registerMedia } from './media/register-media.js';
import { timelineEndpoint } from './ferric/timeline.js';
import { logRequests } from './http/access-log.js';
import { bookmarkReader } from './http/bookmarks.js';
import type { AnyEndpoint } from './http/endpoint.js';
import { refuseOthers, registerEndpoint, registerEndpoints, sendJson, type EndpointHost } from './http/register-endpoints.js';
import { measureRequests } from './http/request-metrics.js';
import { createServer } from './http/server.js';
import { MAXIMUM_VERSION } from './http/versions.js';
import { nodeBiosEndpoints } from './nodes/node-bios.js';
import { nodeBootModeEndpoints } from './nodes/node-boot-mode.js';
import { nodeConsoleEndpoints } from './nodes/node-console.js';
import { nodeFirmwareEndpoints } from './nodes/node-firmware.js';
import { nodeHistoryEndpoints } from './nodes/node-history.js';
import { nodeIndicatorEndpoints } from './nodes/node-indicators.js';
import { nodeInventoryEndpoints } from './nodes/node-inventory.js';
import { nodeMaintenanceEndpoints } from './nodes/node-maintenance.js';
import { nodeManagementEndpoints } from './nodes/node-management.js';
import { nodeStateEndpoints } from './nodes/node-states.js';
import { nodeTraitEndpoints } from './nodes/node-traits.js';
import { nodeValidationEndpoints } from './nodes/node-validation.js';
import { nodeVendorEndpoints } from './nodes/node-vendor.js';
import { nodeVifEndpoints } from './nodes/node-vifs.js';
import { nodeEndpoints } from './nodes/nodes.js';
import { openApiDocument } from './openapi/document.js';
import { portgroupEndpoints } from './portgroups/portgroups.js';
import { portEndpoints } from './ports/ports.js';
import { ramdiskEndpoints } from './ramdisk/ramdisk.js';
import { shardEndpoints } from './shards/shards.js';
import { volumeEndpoints } from './volumes/volumes.js';
import { rootDocument, versionRootEndpoint } from './root.js';

/** Every resource of Ironic's API that is served here. A new one adds its line. */
const RESOURCES: readonly ((api: ApiDependencies) => readonly AnyEndpoint[])[] = [
  nodeEndpoints,
  nodeStateEndpoints,
  nodeBootModeEndpoints,
  nodeConsoleEndpoints,
  nodeMaintenanceEndpoints,
  nodeManagementEndpoints,
  nodeIndicatorEndpoints,
  nodeValidationEndpoints,
  nodeVendorEndpoints,
  nodeBiosEndpoints,
  nodeFirmwareEndpoints,
  nodeTraitEndpoints,
  nodeVifEndpoints,
  nodeHistoryEndpoints,
  nodeInventoryEndpoints,
  portEndpoints,
  portgroupEndpoints,
  chassisEndpoints,
  allocationEndpoints,
  volumeEndpoints,
  deployTemplateEndpoints,
  driverEndpoints,
  conductorEndpoints,
  networkEventEndpoints,
  shardEndpoints,
  ramdiskEndpoints,
];

/** The API of a conductor: Ironic v1 with microversions 1.1 to 1.82, and what Ferric adds beside it. It does not listen yet. */
export function createApi(api: ApiDependencies): FastifyInstance {
  const publicBase = api.publicEndpoint?.replace(/\/+$/, '');
  const host: EndpointHost = { baseOf: (request) => publicBase ?? `${request.protocol}://${request.host || 'localhost'}` };
  // What comes after the newest version that is spoken here does not exist yet.
  const endpoints = RESOURCES.flatMap((resource) => resource(api)).filter(({ since = 0 }) => since <= MAXIMUM_VERSION);
  const timeline = timelineEndpoint(api);
  const { authenticator, certificate, logger } = api;
  const app = createServer({ logger, authenticator, certificate, readPath: bookmarkReader(endpoints.map(({ path }) => path)) });

  logRequests(app, api.logger);
  if (api.metrics !== undefined) measureRequests(app, api.metrics);
  registerEndpoint(app, '/v1', versionRootEndpoint(), host);
  refuseOthers(app, '/v1', ['GET']);
  registerEndpoints(app, endpoints, host);
  registerEndpoint(app, timeline.path, timeline, host, { unversioned: true });
  refuseOthers(app, timeline.path, ['GET']);
  registerEventStream(app, api);
  registerHealth(app, api);
  registerBoot(app, api, host);
  registerMedia(app, api);
  const description = madeOnce(() =>
    openApiDocument({ endpoints: [...endpoints, timeline, ...bootEndpoints(api), ...mediaEndpoints(api)], softwareVersion: api.softwareVersion, authenticated: api.authenticator !== undefined }),
  );
  registerDocument(app, '/', (base) => rootDocument(base), host, { public: true });
  registerDocument(app, '/openapi.json', (base) => description()(base), host);
  return app;
}

/** A document that knows no microversions. */
function registerDocument(app: FastifyInstance, url: string, document: (base: string) => JsonObject, host: EndpointHost, options: { readonly public?: true } = {}): void {
  app.get(url, { config: { unversioned: true, ...options } }, async (request, reply) =>
    sendJson(reply, document(host.baseOf(request))),
  );
  refuseOthers(app, url, ['GET']);
}

/** What is large and seldom asked for is made when it is. */
function madeOnce<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
