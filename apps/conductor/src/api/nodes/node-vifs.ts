import type { JsonObject, VifRequest } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { requireUuid, uuidOrName } from '../http/argument-types.js';
import { requireObject } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint, type BodyReader } from '../http/endpoint.js';
import { pythonScalar } from '../http/python-text.js';
import { schemaFault } from '../table/input.js';
import { findNode, identifierOf } from './node-lookup.js';

/** First minor version that has VIFs, and the one in which a client may choose where a VIF goes. */
const SINCE = 28;
const PLACES_SINCE = 67;

const VIF_SCHEMA = { type: 'object', properties: { id: { type: 'string', description: 'A UUID or a name.' } }, required: ['id'] } as const;

/** `/v1/nodes/{node}/vifs`. Source: Ironic, NodeVIFController; recorded exchanges 072-074. */
export function nodeVifEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/vifs';
  return [
    defineEndpoint({
      method: 'GET',
      path,
      summary: 'Lists the VIFs that are attached to a node.',
      since: SINCE,
      answer: { status: 200, description: 'The VIFs.', schema: { type: 'object', properties: { vifs: { type: 'array', items: VIF_SCHEMA } } } },
      async handle(call) {
        const { uuid } = await findNode(api, call);
        return ok({ vifs: (await api.nodes.vifs(uuid)).map(({ id }) => ({ id })) });
      },
    }),
    defineEndpoint({
      method: 'POST',
      path,
      summary: 'Attaches a VIF to a node.',
      since: SINCE,
      body: vifBody,
      answer: { status: 204, description: 'It is attached.' },
      async handle(call) {
        await api.nodes.attachVif(identifierOf(call), call.body, call.requester);
        return { status: 204 };
      },
    }),
    defineEndpoint({
      method: 'DELETE',
      path: `${path}/:vif`,
      summary: 'Detaches a VIF from a node.',
      since: SINCE,
      answer: { status: 204, description: 'It is detached.' },
      async handle(call) {
        const vif = uuidOrName.parse('vif_id', call.parameters['vif'] ?? '');
        await api.nodes.detachVif(identifierOf(call), vif, call.requester);
        return { status: 204 };
      },
    }),
  ];
}

const PLACE_SCHEMA: JsonObject = { type: ['string', 'null'], format: 'uuid', 'x-ironic-since': `1.${PLACES_SINCE}` };

/** Members that nobody knows are let pass, as Ironic does: they are for networks that know them. */
const vifBody: BodyReader<VifRequest> = {
  schema: {
    ...VIF_SCHEMA,
    properties: {
      ...VIF_SCHEMA.properties,
      port_uuid: { ...PLACE_SCHEMA, description: 'The port that shall take it; not together with portgroup_uuid.' },
      portgroup_uuid: { ...PLACE_SCHEMA, description: 'The port group that shall take it.' },
    },
  },
  read(body, version) {
    const { id, port_uuid: portUuid = null, portgroup_uuid: portgroupUuid = null } = requireObject('vif', body ?? {});
    if (id === undefined) throw schemaFault('vif', "'id' is a required property");
    if (typeof id !== 'string') throw schemaFault('vif', `${pythonScalar(id)} is not of type 'string'`);
    const vif = uuidOrName.parse('id', id);
    if (portUuid === null && portgroupUuid === null) return { id: vif };
    if (version < PLACES_SINCE) throw faults.notAcceptable(`Request not acceptable. The minimal required API version should be 1.${PLACES_SINCE}`);
    if (portUuid !== null && portgroupUuid !== null) throw faults.invalid('Cannot specify both port_uuid and portgroup_uuid');
    if (portUuid !== null) return { id: vif, portUuid: requireUuid('port_uuid', portUuid) };
    return { id: vif, portgroupUuid: requireUuid('portgroup_uuid', portgroupUuid) };
  },
};
