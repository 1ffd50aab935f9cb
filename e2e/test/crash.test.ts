import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { databaseFiles, launchConductor, type RunningConductor, startConductor } from '../support/conductor.js';
import { query } from '../support/database.js';
import { isIdle, type IronicClient, type Resource, type TimelineEntry } from '../support/ironic-client.js';
import { chooseSeed, createRandom, type Random } from '../support/random.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

/** One verb, asked of nodes while the conductor is killed again and again. */
interface Campaign {
  readonly target: string;
  /** The state in which a node waits for the verb. */
  readonly from: string;
  readonly nodes: readonly number[];
  readonly kills: number;
}

const NODES = 200;
/** Every so many nodes one is told to fail its deployment. */
const FAILING_EVERY = 10;
const FAILURE = 'The image does not fit';
const isFailing = (index: number): boolean => index % FAILING_EVERY === 0;

const ALL = Array.from({ length: NODES }, (_, index) => index);
const DEPLOY: Campaign = { target: 'active', from: 'available', nodes: ALL, kills: 20 };
const UNDEPLOY: Campaign = { target: 'deleted', from: 'active', nodes: ALL.filter((index) => index % 4 === 1), kills: 5 };

/** One kill in so many comes while the conductor starts, that is while it resumes; the others while it works. */
const STARTING_EVERY = 5;
/** Latest kill after the start of the process, and after the first request. Milliseconds. */
const LATEST_WHILE_STARTING_MS = 800;
const LATEST_WHILE_WORKING_MS = 350;
const ARGS = ['--power-sync-interval-ms', '0', '--log-level', 'warn', '--automated-clean', 'true'];

const name = (index: number): string => `crash-${index}`;

/** Nodes in state available: those created below API 1.11 start there. */
async function createNodes(api: IronicClient, random: Random): Promise<void> {
  for (const index of ALL) {
    const driverInfo = {
      fake_deploy_delay_ms: random.integer(50, 200),
      fake_clean_delay_ms: random.integer(20, 100),
      fake_power_delay_ms: random.integer(0, 50),
      fake_failures: isFailing(index) ? [{ action: 'deploy', message: FAILURE }] : [],
    };
    const { status, text } = await api.request('POST', '/v1/nodes', { body: { name: name(index), driver: 'fake-hardware', driver_info: driverInfo }, version: '1.10' });
    expect([status, text]).toEqual([201, expect.stringContaining('"available"')]);
  }
}

/** Asks until the conductor dies; yields the nodes that got no answer, which have to be looked at again. */
async function ask(api: IronicClient, campaign: Campaign, indexes: readonly number[]): Promise<readonly number[]> {
  const unanswered = await Promise.all(
    indexes.map(async (index) => {
      try {
        await askOne(api, campaign, name(index));
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
async function askOne(api: IronicClient, { target, from }: Campaign, node: string): Promise<void> {
  const before = await api.node(node);
  if (before['provision_state'] !== from) return;
  const { status, text } = await api.request('PUT', `/v1/nodes/${node}/states/provision`, { body: { target } });
  expect([status, text], node).toEqual([202, '']);
}

interface Outcome {
  readonly killedAt: readonly number[];
  /** Nodes with work when the conductor was killed, for each kill. */
  readonly inFlight: readonly number[];
}

interface Place {
  readonly dataDir: string;
  readonly port: number;
  readonly random: Random;
}

async function run(campaign: Campaign, { dataDir, port, random }: Place, expectEnd: (conductor: RunningConductor) => Promise<void>): Promise<Outcome> {
  const killedAt: number[] = [];
  const inFlight: number[] = [];
  let waiting = campaign.nodes;
  for (let kill = 0; kill < campaign.kills; kill += 1) {
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
      const batch = waiting.slice(0, Math.ceil(campaign.nodes.length / campaign.kills));
      const [unanswered] = await Promise.all([ask(api, campaign, batch), die(LATEST_WHILE_WORKING_MS)]);
      waiting = [...waiting.slice(batch.length), ...unanswered];
    }
    inFlight.push(Number(query(databaseFiles(dataDir).store, 'select count(*) as n from nodes where work is not null')[0]?.['n']));
  }
  await using last = await startConductor({ dataDir, port, args: ARGS });
  expect(await ask(last.api, campaign, waiting)).toEqual([]);
  await expectEnd(last);
  expect(await last.stop()).toEqual({ code: 0, signal: null });
  return { killedAt, inFlight };
}

async function expectDeployed({ api }: RunningConductor): Promise<void> {
  const isEnded = (node: Resource): boolean => node['reservation'] === null && ['active', 'deploy failed'].includes(String(node['provision_state']));
  for (const index of ALL) {
    const node = await api.waitForNode(name(index), isEnded, { timeoutMs: 90_000 });
    const expected = isFailing(index)
      ? { provision_state: 'deploy failed', last_error: expect.stringContaining(FAILURE) }
      : { provision_state: 'active', last_error: null, power_state: 'power on', target_provision_state: null, deploy_step: {} };
    expect(node, name(index)).toMatchObject({ ...expected, target_power_state: null, maintenance: false });
  }
}

async function expectUndeployed({ api }: RunningConductor): Promise<void> {
  for (const index of UNDEPLOY.nodes) {
    const node = await api.waitForNode(name(index), (seen) => seen['provision_state'] === 'available' && isIdle(seen), { timeoutMs: 90_000 });
    expect(node, name(index)).toMatchObject({ last_error: null, power_state: 'power off', maintenance: false, clean_step: {}, instance_info: {} });
  }
}

/** What must be true of a timeline, however often the conductor died. */
function expectConsistent(index: number, timeline: readonly TimelineEntry[], killedAt: readonly number[]): number {
  const where = `${name(index)}: ${timeline.map(({ at, type, message }) => `${at} ${type} ${message}`).join('\n')}`;
  expect(timeline.map(({ id }) => id), where).toEqual(timeline.map(({ id }) => id).toSorted((a, b) => a - b));
  const end = isFailing(index) ? 'deploy failed' : 'active';
  const states = timeline.flatMap(({ type, details }) => (type === 'provision-state-changed' ? [`${String(details['from'])} -> ${String(details['to'])}`] : []));
  const teardown = UNDEPLOY.nodes.includes(index) ? ['active -> deleting', 'deleting -> cleaning', 'cleaning -> available'] : [];
  expect(states, where).toEqual(['available -> deploying', `deploying -> ${end}`, ...teardown]);

  expectPhasesInOrder(timeline, where);
  const steps = timeline.filter(({ type }) => type === 'step-started' || type === 'step-finished');
  const names = teardown.length > 0 ? ['deploy', 'log_passthrough'] : ['deploy'];
  expect(new Set(steps.map(({ details }) => details['step'])), where).toEqual(new Set(names));
  return names.reduce((sum, step) => sum + countRepetitions(steps.filter(({ details }) => details['step'] === step), killedAt, where), 0);
}

/** A step starts again, and may finish again, only when the conductor was killed since. */
function countRepetitions(entries: readonly TimelineEntry[], killedAt: readonly number[], where: string): number {
  expect(entries[0]?.type, where).toBe('step-started');
  for (const [position, entry] of entries.entries()) {
    const before = entries[position - 1];
    if (before === undefined || (before.type === 'step-started' && entry.type === 'step-finished')) continue;
    expect(entry.type, where).toBe('step-started');
    const [from, to] = [Date.parse(before.at), Date.parse(entry.at)];
    expect(killedAt.some((moment) => moment >= from && moment <= to), where).toBe(true);
  }
  return entries.filter(({ type }) => type === 'step-started').length - 1;
}

/** What was finished before a kill is not done again: no phase of a tear-down comes back once a later one has begun. */
function expectPhasesInOrder(timeline: readonly TimelineEntry[], where: string): void {
  const phases = ['Pretending: tear down', 'Pretending: prepare cleaning', 'clean step 1 of 1: vendor.log_passthrough'];
  const seen = timeline.map(({ message }) => phases.indexOf(message)).filter((phase) => phase >= 0);
  expect(seen, where).toEqual(seen.toSorted((a, b) => a - b));
}

describe('a conductor that is killed at any moment', () => {
  const seed = chooseSeed('FERRIC_CRASH_SEED');

  test(`loses no node and no work: ${NODES} deployments, ${DEPLOY.kills} kills; ${UNDEPLOY.nodes.length} tear-downs, ${UNDEPLOY.kills} kills`, async () => {
    console.log(`FERRIC_CRASH_SEED=${seed} repeats these kills`);
    const random = createRandom(seed);
    await using temporary = await createTemporaryFolder();
    const dataDir = join(temporary.path, 'data');
    await using first = await startConductor({ dataDir, args: ARGS });
    const place: Place = { dataDir, port: first.port, random };
    await createNodes(first.api, random);
    await first.kill();

    const deployed = await run(DEPLOY, place, expectDeployed);
    const undeployed = await run(UNDEPLOY, place, expectUndeployed);
    const killedAt = [...deployed.killedAt, ...undeployed.killedAt];
    const inFlight = [...deployed.inFlight, ...undeployed.inFlight];

    await using after = await startConductor({ ...place, args: ARGS });
    const { nodes } = (await after.api.call('GET', '/v1/nodes?fields=name&limit=1000')) as unknown as { nodes: readonly Resource[] };
    expect(nodes.map((node) => String(node['name'])).toSorted()).toEqual(ALL.map(name).toSorted());
    let repeated = 0;
    for (const index of ALL) repeated += expectConsistent(index, await after.api.timeline(name(index)), killedAt);
    expect(await after.stop()).toEqual({ code: 0, signal: null });

    const files = databaseFiles(dataDir);
    expect(query(files.store, 'select name from nodes where work is not null or reservation is not null')).toEqual([]);
    expect(query(files.journal, 'select status, count(*) as n from workflow_runs where finished_at is null group by status')).toEqual([]);
    const hits = inFlight.filter((count) => count > 0).length;
    console.log(`${hits} of ${inFlight.length} kills hit work in flight (${inFlight.join(', ')} nodes); ${repeated} steps were run again`);
    // Otherwise the kills missed everything, and the test showed nothing.
    expect(hits).toBeGreaterThanOrEqual(inFlight.length / 2);
    expect(repeated).toBeGreaterThan(0);
  });
});
