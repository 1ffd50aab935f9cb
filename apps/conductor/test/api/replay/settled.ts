import { setTimeout as sleep } from 'node:timers/promises';
import type { ReplayResult, ReplayTarget } from './replay.js';

const DEADLINE_MS = 30_000;
const POLL_MS = 10;

/** What goes on after an answer: where it shows, and when it is over. */
interface Work {
  readonly path: string;
  isOver(record: Readonly<Record<string, unknown>>): boolean;
}

/** Waits until nothing happens any more that a request began, as a client does: by asking. */
export async function waitUntilSettled(target: ReplayTarget, result: ReplayResult): Promise<void> {
  const work = workOf(result);
  if (work === undefined) return;
  const endsAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const answer = await target.fetch(`${target.base}${work.path}`, { headers: { 'x-openstack-ironic-api-version': '1.82' } });
    const record = (await answer.json()) as Readonly<Record<string, unknown>>;
    if (work.isOver(record)) return;
    if (performance.now() > endsAt) throw new Error(`${work.path} is still at work: ${JSON.stringify(record)}`);
    await sleep(POLL_MS);
  }
}

function workOf({ status, path, uuid }: ReplayResult): Work | undefined {
  const node = /^\/v1\/nodes\/[^/?]+/.exec(path)?.[0];
  if (status === 202 && node !== undefined) return { path: node, isOver: isNodeSettled };
  if (status === 201 && path === '/v1/allocations') return { path: `/v1/allocations/${uuid ?? ''}`, isOver: ({ state }) => state !== 'allocating' };
  return undefined;
}

function isNodeSettled({ reservation, provision_state: state, target_provision_state: target, target_power_state: power }: Readonly<Record<string, unknown>>): boolean {
  return reservation === null && power === null && (target === null || String(state).endsWith(' failed'));
}
