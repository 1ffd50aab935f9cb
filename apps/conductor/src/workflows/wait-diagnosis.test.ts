import { expect, test } from 'vitest';
import { sampleEvent } from '../../test/support/sample-event.js';
import { sampleNode } from '../../test/support/sample-node.js';
import type { NodeEventType } from '../events/node-event.js';
import { diagnose } from './wait-diagnosis.js';

const at = new Date('2026-01-02T03:04:05Z');
const seen = (...types: NodeEventType[]) => types.map((type, index) => sampleEvent(index + 1, { type, at }));
const running = { agent_secret_token: 'x', agent_last_heartbeat: '2026-01-02T03:05:00.000Z', step_progress: { step: 'deploy.write_image', waiting_for: 'the image to be written' } };

test.each<[string, NodeEventType[], Record<string, unknown>, RegExp]>([
  ['nothing came', ['step-started'], {}, /never asked for its boot script.*MAC address/],
  ['only the script was fetched', ['boot-script-served'], {}, /fetched its boot script at 2026-01-02T03:04:05.000Z but not the kernel.*deploy_kernel/],
  ['the agent never called', ['boot-script-served', 'boot-file-fetched'], {}, /its deploy agent never called.*console/],
  ['the agent never reported', ['boot-script-served', 'boot-file-fetched', 'agent-looked-up'], { agent_secret_token: 'x' }, /looked its node up.*never reported/],
  ['the agent fell silent', ['boot-script-served', 'boot-file-fetched', 'agent-looked-up', 'agent-reported'], running,
    /last heard of at 2026-01-02T03:05:00.000Z, while waiting for the image to be written \(step deploy.write_image\)/],
  ['the agent of the boot before says nothing of this one', ['agent-looked-up', 'agent-reported', 'boot-script-served'], {}, /but not the kernel/],
])('when %s, that is what a person is told', (_what, types, driverInternalInfo, says) => {
  expect(diagnose(seen(...types), sampleNode({ driverInternalInfo: driverInternalInfo as never }))).toMatch(says);
});
