import type { JsonObject } from '@ferric/core';
import type { FastifyInstance } from 'fastify';
import { bootEndpoints, registerBoot } from './boot/register-boot.js';
import { conductorEndpoints } from './conductors/conductors.js';
import type { ApiDependencies } from './dependencies.js';
import { driverEndpoints } from './drivers/drivers.js';
import { registerEventStream } from './ferric/event-stream.js';
import { registerHealth } from './ferric/health.js';
import { timelineEndpoint } from './ferric/timeline.js';
import { logRequests } from './http/access-log.js';
import type { AnyEndpoint } from './http/endpoint.js';
import { refuseOthers, registerEndpoint, registerEndpoints, sendJson, type EndpointHost } from './http/register-endpoints.js';
import { measureRequests } from './http/request-metrics.js';
import { createServer } from './http/server.js';
import { nodeBiosEndpoints } from './nodes/node-bios.js';
import { nodeHistoryEndpoints } from './nodes/node-history.js';
import { nodeInventoryEndpoints } from './nodes/node-inventory.js';
import { nodeMaintenanceEndpoints } from './nodes/node-maintenance.js';
import { nodeManagementEndpoints } from './nodes/node-management.js';
import { nodeStateEndpoints } from './nodes/node-states.js';
import { nodeTraitEndpoints } from './nodes/node-traits.js';
import { nodeValidationEndpoints } from './nodes/node-validation.js';
import { nodeVendorEndpoints } from './nodes/node-vendor.js';
import { nodeEndpoints } from './nodes/nodes.js';
import { openApiDocument } from './openapi/document.js';
import { portEndpoints } from './ports/ports.js';
import { ramdiskEndpoints } from './ramdisk/ramdisk.js';
import { rootDocument, versionRootEndpoint } from './root.js';

/** Every resource of Ironic's API that is served here. A new one adds its line. */
const RESOURCES: readonly ((api: ApiDependencies) => readonly AnyEndpoint[])[] = [
  nodeEndpoints,
  nodeStateEndpoints,
  nodeMaintenanceEndpoints,
  nodeManagementEndpoints,
  nodeValidationEndpoints,
  nodeVendorEndpoints,
  nodeBiosEndpoints,
  nodeTraitEndpoints,
  nodeHistoryEndpoints,
  nodeInventoryEndpoints,
  portEndpoints,
  driverEndpoints,
  conductorEndpoints,
  ramdiskEndpoints,
];

/** The API of a conductor: Ironic v1 with microversions 1.1 to 1.82, and what Ferric adds beside it. It does not listen yet. */
export function createApi(api: ApiDependencies): FastifyInstance {
  const app = createServer(api.logger);
  const publicBase = api.publicEndpoint?.replace(/\/+$/, '');
  const host: EndpointHost = { baseOf: (request) => publicBase ?? `${request.protocol}://${request.host || 'localhost'}` };
  const endpoints = RESOURCES.flatMap((resource) => resource(api));
  const timeline = timelineEndpoint(api);

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
  const describe = openApiDocument({ endpoints: [...endpoints, timeline, ...bootEndpoints(api)], softwareVersion: api.softwareVersion });
  registerDocument(app, '/', (base) => rootDocument(base), host);
  registerDocument(app, '/openapi.json', (base) => describe(base), host);
  return app;
}

/** A document that knows no microversions. */
function registerDocument(app: FastifyInstance, url: string, document: (base: string) => JsonObject, host: EndpointHost): void {
  app.get(url, { config: { unversioned: true } }, async (request, reply) =>
    sendJson(reply, document(host.baseOf(request))),
  );
  refuseOthers(app, url, ['GET']);
}
