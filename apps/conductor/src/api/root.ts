import type { JsonObject, JsonValue } from '@ferric/core';
import { defineEndpoint, ok, type AnyEndpoint } from './http/endpoint.js';
import { linkPair } from './http/links.js';
import { versionDocument } from './http/versions.js';

/** Resources that `/v1` links to, in the order in which Ironic does, each with its first minor version. */
const RESOURCES: readonly { readonly name: string; readonly since: number }[] = [
  { name: 'chassis', since: 1 },
  { name: 'nodes', since: 1 },
  { name: 'ports', since: 1 },
  { name: 'drivers', since: 1 },
  { name: 'portgroups', since: 23 },
  { name: 'volume', since: 32 },
  { name: 'lookup', since: 22 },
  { name: 'heartbeat', since: 22 },
  { name: 'conductors', since: 49 },
  { name: 'allocations', since: 52 },
  { name: 'events', since: 54 },
  { name: 'deploy_templates', since: 55 },
  { name: 'shards', since: 82 },
];

/** What `GET /` says. Source: recorded exchange 001. */
export function rootDocument(base: string): JsonObject {
  const version = versionDocument(base);
  return {
    name: 'Ferric conductor',
    description: 'Enrols, powers and deploys machines through the REST API of OpenStack Ironic.',
    default_version: version,
    versions: [version],
  };
}

/** `/v1`. Source: recorded exchanges 002 and 003. */
export function versionRootEndpoint(): AnyEndpoint {
  return defineEndpoint({
    method: 'GET',
    path: '',
    public: true,
    summary: 'Tells the versions and the resources.',
    answer: { status: 200, description: 'Versions and links.', schema: { type: 'object' } },
    async handle({ base, version }) {
      const resources = RESOURCES.filter(({ since }) => version >= since).map(({ name }): [string, JsonValue] => [name, linkPair(base, `${name}/`)]);
      return ok({
        id: 'v1',
        links: [
          { href: `${base}/v1/`, rel: 'self' },
          { href: `${base}/openapi.json`, rel: 'describedby', type: 'application/json' },
        ],
        media_types: { base: 'application/json', type: 'application/vnd.openstack.ironic.v1+json' },
        version: versionDocument(base),
        ...Object.fromEntries(resources),
      });
    },
  });
}
