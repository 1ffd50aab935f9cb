import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { databaseFiles, launchConductor, type RunningConductor, startConductor } from '../support/conductor.js';
import { query } from '../support/database.js';
import { isIdle, type IronicClient, type Resource, type TimelineEntry } from '../support/ironic-client.js';
import { chooseSeed, createRandom, type Random } from '../support/random.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const NODES = 200;
const KILLS = 20;
/** Every so many nodes one is told to fail its deployment. */
const FAILING_EVERY = 10;
const FAILURE = 'The image does not fit';
/** One kill in so many comes while the conductor starts, that is while it resumes; the others while it works. */
const STARTING_EVERY = 5;
/** Latest kill after the start of the process, and after the first of the requests for deployment. Milliseconds. */
const LATEST_WHILE_STARTING_MS = 800;
const LATEST_WHILE_WORKING_MS = 350;
const ARGS = ['--power-sync-interval-ms', '0', '--log-level', 'warn'];

const name = (index: number): string => `crash-${index}`;
const isFailing = (index: number): boolean => index % FAILING_EVERY === 0;

/** Nodes in state available. Those created below API 1.11 start there. */
async function createNodes(api: IronicClient, random: Random): Promise<void> {
  for (let index = 0; index < NODES; index += 1) {
    const failures = isFailing(index) ? [{ action: 'deploy', message: FAILURE }] : [];
    const body = {
      name: name(index),
      driver: 'fake-hardware',
      driver_info: { fake_deploy_delay_ms: random.integer(50, 200), fake_power_delay_ms: random.integer(0, 50), fake_failures: failures },
    };
    const { status, text } = await api.request('POST', '/v1/nodes', { body, version: '1.10' });
    expect([status, text]).toEqual([201, expect.stringContaining('"available"')]);
  }
}

/** Asks for deployments until the conductor dies; yields the nodes that got no answer, which have to be looked at again. */
async function requestDeployments(api: IronicClient, indexes: readonly number[]): Promise<readonly number[]> {
  const unanswered = await Promise.all(
    indexes.map(async (index) => {
      try {
        await requestDeployment(api, name(index));
        return [];
      } catch (error) {
        // What fetch throws when a connection is refused or lost; anything else is an answer that is wrong.
        if (error instanceof TypeError) return [index];
        throw error;
      }
    }),
  );
  return unanswered.flat();
}

/** A request that got no answer may have been accepted; as any client would, this looks before it asks again. */
async function requestDeployment(api: IronicClient, node: string): Promise<void> {
  const before = await api.node(node);
  if (before['provision_state'] !== 'available') return;
  const { status, text } = await api.request('PUT', `/v1/nodes/${node}/states/provision`, { body: { target: 'active' } });
  expect([status, text], node).toEqual([202, '']);
}

interface Campaign {
  readonly killedAt: readonly number[];
  /** Nodes with work when the conductor was killed, for each kill. */
  readonly inFlight: readonly number[];
}

/** Deploys all nodes while the conductor is killed again and again, and leaves the last one running. */
async function runCampaign(dataDir: string, port: number, random: Random): Promise<Campaign> {
  const killedAt: number[] = [];
  const inFlight: number[] = [];
  let waiting: readonly number[] = Array.from({ length: NODES }, (_, index) => index);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await using launched = launchConductor({ dataDir, port, args: ARGS });
    const die = async (latestMs: number): Promise<void> => {
      await pause(random.integer(0, latestMs));
      killedAt.push(Date.now());
      await launched.program.kill();
    };
    if (kill % STARTING_EVERY === STARTING_EVERY - 1) {
      await die(LATEST_WHILE_STARTING_MS);
    } else {
      const { api } = await launched.ready();
      const batch = waiting.slice(0, NODES / KILLS);
      const [unanswered] = await Promise.all([requestDeployments(api, batch), die(LATEST_WHILE_WORKING_MS)]);
      waiting = [...waiting.slice(batch.length), ...unanswered];
    }
    inFlight.push(Number(query(databaseFiles(dataDir).store, 'select count(*) as n from nodes where work is not null')[0]?.['n']));
  }
  await using last = await startConductor({ dataDir, port, args: ARGS });
  expect(await requestDeployments(last.api, waiting)).toEqual([]);
  await expectAllEnded(last);
  await last.stop();
  return { killedAt, inFlight };
}

async function expectAllEnded({ api }: RunningConductor): Promise<void> {
  for (let index = 0; index < NODES; index += 1) {
    const node = await api.waitForNode(name(index), isEnded, { timeoutMs: 30_000 });
    const expected = isFailing(index)
      ? { provision_state: 'deploy failed', last_error: expect.stringContaining(FAILURE) }
      : { provision_state: 'active', last_error: null, power_state: 'power on', target_provision_state: null, deploy_step: {} };
    expect(node, name(index)).toMatchObject({ ...expected, reservation: null, target_power_state: null, maintenance: false });
  }
}

function isEnded(node: Resource): boolean {
  return (node['provision_state'] === 'active' && isIdle(node)) || (node['provision_state'] === 'deploy failed' && node['reservation'] === null);
}

const deployState = (entry: TimelineEntry): string | undefined =>
  entry.type === 'provision-state-changed' ? `${String(entry.details['from'])} -> ${String(entry.details['to'])}` : undefined;

/** What must be true of a timeline, however often the conductor died. */
function expectConsistent(index: number, timeline: readonly TimelineEntry[], killedAt: readonly number[]): number {
  const where = `${name(index)}: ${timeline.map(({ at, type, message }) => `${at} ${type} ${message}`).join('\n')}`;
  expect(timeline.map(({ id }) => id), where).toEqual(timeline.map(({ id }) => id).toSorted((a, b) => a - b));
  const end = isFailing(index) ? 'deploy failed' : 'active';
  expect(timeline.flatMap((entry) => deployState(entry) ?? []), where).toEqual(['available -> deploying', `deploying -> ${end}`]);

  const steps = timeline.filter(({ type }) => type === 'step-started' || type === 'step-finished');
  expect(steps.length, where).toBeGreaterThan(0);
  expect(steps[0]?.type, where).toBe('step-started');
  // A step starts again, and may finish again, only when the conductor was killed since.
  for (const [position, entry] of steps.entries()) {
    const before = steps[position - 1];
    if (before === undefined || (before.type === 'step-started' && entry.type === 'step-finished')) continue;
    expect(entry.type, where).toBe('step-started');
    const [from, to] = [Date.parse(before.at), Date.parse(entry.at)];
    expect(killedAt.some((moment) => moment >= from && moment <= to), where).toBe(true);
  }
  const lastStep = steps.at(-1)?.type;
  expect(lastStep, where).toBe(isFailing(index) ? 'step-started' : 'step-finished');
  return steps.filter(({ type }) => type === 'step-started').length - 1;
}

describe('a conductor that is killed at any moment', () => {
  const seed = chooseSeed('FERRIC_CRASH_SEED');

  test(`loses no node and no work: ${NODES} deployments, ${KILLS} kills`, async () => {
    console.log(`FERRIC_CRASH_SEED=${seed} repeats these kills`);
    const random = createRandom(seed);
    await using temporary = await createTemporaryFolder();
    const dataDir = join(temporary.path, 'data');
    await using first = await startConductor({ dataDir, args: ARGS });
    const { port } = first;
    await createNodes(first.api, random);
    await first.kill();

    const { killedAt, inFlight } = await runCampaign(dataDir, port, random);

    await using after = await startConductor({ dataDir, port, args: ARGS });
    const { nodes } = (await after.api.call('GET', '/v1/nodes?fields=name&limit=1000')) as unknown as { nodes: readonly Resource[] };
    expect(nodes.map((node) => String(node['name'])).toSorted()).toEqual(Array.from({ length: NODES }, (_, index) => name(index)).toSorted());
    let repeatedSteps = 0;
    for (let index = 0; index < NODES; index += 1) repeatedSteps += expectConsistent(index, await after.api.timeline(name(index)), killedAt);
    expect(await after.stop()).toEqual({ code: 0, signal: null });

    const files = databaseFiles(dataDir);
    expect(query(files.store, 'select name from nodes where work is not null or reservation is not null')).toEqual([]);
    expect(query(files.journal, "select status, count(*) as n from workflow_runs where finished_at is null group by status")).toEqual([]);
    console.log(`${inFlight.filter((count) => count > 0).length} of ${KILLS} kills hit work in flight (${inFlight.join(', ')} nodes); ${repeatedSteps} steps were run again`);
    // Otherwise the kills missed everything, and the test showed nothing.
    expect(inFlight.filter((count) => count > 0).length).toBeGreaterThanOrEqual(KILLS / 2);
    expect(repeatedSteps).toBeGreaterThan(0);
  });
});
