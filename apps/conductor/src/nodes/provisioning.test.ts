import type { ProvisionState } from '@ferric/core';
import { expect, test } from 'vitest';
import { createOwnContext } from '../../test/support/conductor-context.js';
import { setProvisionState } from './provisioning.js';

/** The first version with `unhold`. */
const REQUESTER = { requestId: 'req-1', user: null, version: 85 };

test.each<[ProvisionState, ProvisionState, ProvisionState, object]>([
  ['deploy hold', 'active', 'wait call-back', { kind: 'deploy', input: { resume: true, manual: false } }],
  ['clean hold', 'available', 'clean wait', { kind: 'clean', input: { resume: true, manual: false } }],
  ['clean hold', 'manageable', 'clean wait', { kind: 'clean', input: { resume: true, manual: true } }],
])('unhold of %s on the way to %s goes on at once', async (provisionState, targetProvisionState, next, work) => {
  await using own = await createOwnContext();
  const node = await own.add({}, { provisionState, targetProvisionState });
  await setProvisionState(own.context, node, { target: 'unhold' }, REQUESTER);
  expect(own.started).toMatchObject([work]);
  expect(await own.context.store.nodes.get(node.uuid)).toMatchObject({ provisionState: next, targetProvisionState, work, reservation: 'test' });
});
