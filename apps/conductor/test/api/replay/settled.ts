import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayTarget } from './replay.js';

const DEADLINE_MS = 30_000;
const POLL_MS = 10;

interface NodeStates {
  readonly reservation: string | null;
  readonly provision_state: string;
  readonly target_provision_state: string | null;
  readonly target_power_state: string | null;
}

/** Waits until nothing happens to a node any more, as a client does: by asking. */
export async function waitUntilSettled(target: ReplayTarget, uuid: string): Promise<void> {
  const endsAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await target.fetch(`${target.base}/v1/nodes/${uuid}`, { headers: { 'x-openstack-ironic-api-version': '1.82' } });
    const node = (await answer.json()) as NodeStates;
    if (isSettled(node)) return;
    if (performance.now() > endsAt) throw new Error(`The node is still at work: ${JSON.stringify(node)}`);
    await sleep(POLL_MS);
  }
}

function isSettled({ reservation, provision_state: state, target_provision_state: target, target_power_state: power }: NodeStates): boolean {
  return reservation === null && power === null && (target === null || state.endsWith(' failed'));
}
