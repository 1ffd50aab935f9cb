import { BOOT_DEVICES } from '@ferric/core';
import type { ApiDependencies } from '../dependencies.js';
import { text, truth } from '../http/argument-types.js';
import { argumentsBody } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';

const BOOT_DEVICE_SCHEMA = {
  type: 'object',
  properties: { boot_device: { enum: [...BOOT_DEVICES, null] }, persistent: { type: ['boolean', 'null'] } },
} as const;

/** `/v1/nodes/{node}/management`. */
export function nodeManagementEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/management/boot_device';
  return [
    defineEndpoint({
      method: 'GET',
      path,
      summary: 'Asks the machine what it boots from.',
      callsDevice: true,
      answer: { status: 200, description: 'The boot device; null for what the controller does not tell.', schema: BOOT_DEVICE_SCHEMA },
      async handle(call) {
        const { device, persistent } = await api.nodes.bootDevice(identifierOf(call), call.requester);
        return ok({ boot_device: device, persistent });
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path,
      summary: 'Sets what the machine boots from.',
      callsDevice: true,
      body: argumentsBody({
        boot_device: { type: text, description: `One of ${BOOT_DEVICES.join(', ')}.`, required: true },
        persistent: { type: truth, description: 'For all boots; default: for the next one only.' },
      }),
      answer: { status: 204, description: 'It is set.' },
      async handle(call) {
        const { boot_device: device, persistent = false } = call.body;
        await api.nodes.setBootDevice(identifierOf(call), { device, persistent }, call.requester);
        return { status: 204 };
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: `${path}/supported`,
      summary: 'Lists what the machine can boot from.',
      answer: {
        status: 200,
        description: 'The boot devices.',
        schema: { type: 'object', properties: { supported_boot_devices: { type: 'array', items: { enum: [...BOOT_DEVICES] } } } },
      },
      handle: async (call) => ok({ supported_boot_devices: await api.nodes.supportedBootDevices(identifierOf(call)) }),
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/management/inject_nmi',
      summary: 'Sends a non-maskable interrupt, so that a hung system writes its crash dump.',
      since: 29,
      callsDevice: true,
      body: argumentsBody({}),
      answer: { status: 204, description: 'It was sent.' },
      async handle(call) {
        await api.nodes.injectNmi(identifierOf(call), call.requester);
        return { status: 204 };
      },
    }),
  ];
}
