import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import type { ArgumentTable } from '../http/arguments.js';
import { integer, text } from '../http/argument-types.js';
import { argumentsBody, objectBody } from '../http/body-readers.js';
import { defineEndpoint, ok, type AnyEndpoint, type Answer } from '../http/endpoint.js';
import { PROVISION_BODY_LIMIT_BYTES } from '../http/request-body.js';
import { recordSchema } from '../openapi/schemas.js';
import { viewPresenters } from '../table/presenter.js';
import { NODE_TABLE } from './node-fields.js';
import { findNode, identifierOf, viewOf } from './node-lookup.js';
import { PROVISION_ARGUMENTS, PROVISION_SECRETS, toProvisionRequest } from './provision-request.js';
import { checkRaidConfig } from './raid-config.js';

/** What `/states` shows of a node. Source: recorded exchange 040. */
const STATE_FIELDS = [
  'console_enabled', 'last_error', 'power_state', 'provision_state', 'target_power_state', 'target_provision_state', 'provision_updated_at',
  'raid_config', 'target_raid_config', 'boot_mode', 'secure_boot',
] as const;

/** First minor version of the power targets that not every version has. */
const POWER_TARGET_SINCE: Readonly<Record<string, number>> = { 'soft power off': 27, 'soft rebooting': 27 };

const POWER_ARGUMENTS = {
  target: { type: text, description: 'power on, power off, rebooting, soft power off or soft rebooting.', required: true },
  timeout: { type: integer, description: 'Time to reach it. Seconds, at least 1.', since: 27 },
} as const satisfies ArgumentTable;

/** Accepted; the states tell how it goes on. */
function accepted(base: string, uuid: string): Answer {
  return { status: 202, headers: { location: `${base}/v1/nodes/${uuid}/states` } };
}

/** `/v1/nodes/{node}/states` and below. */
export function nodeStateEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = viewPresenters(NODE_TABLE, STATE_FIELDS);
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/states',
      summary: 'Shows the states of a node.',
      answer: { status: 200, description: 'The states.', schema: recordSchema(NODE_TABLE) },
      handle: async (call) => ok(presenters(call.version).present(await findNode(api, call), viewOf(api, call))),
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/states/provision',
      summary: 'Asks for a provision state.',
      body: argumentsBody(PROVISION_ARGUMENTS, { secret: PROVISION_SECRETS, limitBytes: PROVISION_BODY_LIMIT_BYTES }),
      answer: { status: 202, description: 'Accepted; Location says where to watch.' },
      async handle(call) {
        const identifier = identifierOf(call);
        const request = toProvisionRequest(call.body, call.version);
        return accepted(call.base, await api.nodes.setProvisionState(identifier, request, call.requester));
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/states/power',
      summary: 'Asks for a power state.',
      body: argumentsBody(POWER_ARGUMENTS),
      answer: { status: 202, description: 'Accepted; Location says where to watch.' },
      async handle(call) {
        const identifier = identifierOf(call);
        const { target, timeout } = call.body;
        if ((POWER_TARGET_SINCE[target] ?? 0) > call.version) throw faults.notAcceptable();
        if (timeout !== undefined && timeout < 1) throw faults.invalid('timeout has to be positive integer');
        const request = { target, ...(timeout === undefined ? {} : { timeoutSeconds: timeout }) };
        return accepted(call.base, await api.nodes.setPowerState(identifier, request, call.requester));
      },
    }),
    defineEndpoint({
      method: 'PUT',
      path: '/nodes/:node/states/raid',
      summary: 'Sets the disk arrays that cleaning shall create.',
      since: 12,
      older: 'not acceptable',
      body: objectBody('target_raid_config'),
      answer: { status: 204, description: 'It is set.' },
      async handle(call) {
        const identifier = identifierOf(call);
        checkRaidConfig(call.body);
        await api.nodes.setTargetRaidConfig(identifier, call.body, call.requester);
        return { status: 204 };
      },
    }),
  ];
}
