import { BOOT_MODES } from '@ferric/core';
import type { ApiDependencies } from '../dependencies.js';
import { text, truth } from '../http/argument-types.js';
import { argumentsBody } from '../http/body-readers.js';
import { defineEndpoint, type AnyEndpoint, type Answer } from '../http/endpoint.js';
import { identifierOf } from './node-lookup.js';

/** First minor version that can change the boot mode. */
const SINCE = 76;

/** `/v1/nodes/{node}/states/boot_mode` and `/v1/nodes/{node}/states/secure_boot`. */
export function nodeBootModeEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const answer = { status: 202, description: 'Accepted; Location says where to watch.' };
  const accepted = (base: string, uuid: string): Answer => ({ status: 202, headers: { location: `${base}/v1/nodes/${uuid}/states` } });
  return [
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/states/boot_mode',
      summary: 'Asks for a firmware mode of the next boots.',
      since: SINCE,
      body: argumentsBody({ target: { type: text, description: `One of ${BOOT_MODES.join(', ')}.`, required: true } }),
      answer,
      handle: async (call) => accepted(call.base, await api.nodes.setBootMode(identifierOf(call), call.body.target, call.requester)),
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/states/secure_boot',
      summary: 'Asks for secure boot to be on or off.',
      since: SINCE,
      body: argumentsBody({ target: { type: truth, description: 'Whether it shall be on.', required: true } }),
      answer,
      handle: async (call) => accepted(call.base, await api.nodes.setSecureBoot(identifierOf(call), call.body.target, call.requester)),
    }),
  ];
}
