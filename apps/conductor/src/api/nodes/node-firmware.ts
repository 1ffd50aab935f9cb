import type { FirmwareComponent, JsonValue } from '@ferric/core';
import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';

const FIRMWARE_SCHEMA = {
  type: 'object',
  properties: {
    firmware: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          component: { type: 'string' },
          initial_version: { type: ['string', 'null'], description: 'Not known here.' },
          current_version: { type: 'string' },
          last_version_flashed: { type: ['string', 'null'], description: 'Not known here.' },
        },
      },
    },
  },
} as const;

/** `/v1/nodes/{node}/firmware`. Source: Ironic, ironic/api/controllers/v1/firmware.py. */
export function nodeFirmwareEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/firmware',
      summary: 'Lists the firmware components of a node.',
      since: 86,
      callsDevice: true,
      answer: { status: 200, description: 'The components with their versions.', schema: FIRMWARE_SCHEMA },
      handle: async (call) => ok({ firmware: (await api.nodes.firmwareComponents(identifierOf(call), call.requester)).map(present) }),
    }),
  ];
}

/** Only what the machine tells: no version of before is kept. */
function present({ component, currentVersion }: FirmwareComponent): JsonValue {
  return { component, initial_version: null, current_version: currentVersion, last_version_flashed: null };
}
