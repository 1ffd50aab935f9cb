/**
 * Measures the conductor from outside, as one process on this machine; the load comes from this process over loopback.
 * Each figure is taken several times, in turn with the others, and the median is what counts: the machine may be busy.
 */
import { cpus } from 'node:os';
import { startConductorProcess, type ConductorProcess } from './conductor-process.ts';
import { measureLifecycle } from './lifecycle.ts';
import { measureLoad, type LoadRequest } from './load.ts';

const ROUNDS = 3;
const SECONDS = 3;
const CONNECTIONS = 16;
const LISTED_NODES = 1000;

interface Aim {
  readonly title: string;
  readonly unit: string;
  readonly aim: string;
  readonly values: number[];
}

const figures = {
  firstAnswer: figure('first answer after start', 'ms', '<= 1000'),
  idle: figure('resident memory, idle', 'MiB', '<= 110'),
  get: figure('GET of one node', '1/s', '>= 2500'),
  list: figure(`GET of a list of ${LISTED_NODES} nodes`, '1/s', '>= 50'),
  post: figure('POST of a node', '1/s', ''),
  patch: figure('PATCH of a node', '1/s', ''),
  lifecycle: figure('100 nodes from enrol to active', 'ms', '<= 2000'),
  loaded: figure('resident memory, under load', 'MiB', '<= 180'),
};

function figure(title: string, unit: string, aim: string): Aim {
  return { title, unit, aim, values: [] };
}

async function round(number: number): Promise<void> {
  await using conductor = await startConductorProcess();
  figures.firstAnswer.values.push(conductor.firstAnswerMs);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  figures.idle.values.push(await conductor.residentMiB());

  figures.lifecycle.values.push(await measureLifecycle(conductor.url, 100, `r${number}`));
  const post = await load(conductor, (index) => ({ method: 'POST', path: '/v1/nodes', body: { driver: 'fake-hardware', name: `post-${index}`, properties: { cpus: 4 } } }), 201);
  figures.post.values.push(post);
  await fill(conductor.url);
  const { uuid } = (await (await fetch(`${conductor.url}/v1/nodes?limit=1`)).json() as { nodes: { uuid: string }[] }).nodes[0] ?? { uuid: '' };
  figures.get.values.push(await load(conductor, () => ({ method: 'GET', path: `/v1/nodes/${uuid}` }), 200));
  figures.list.values.push(await load(conductor, () => ({ method: 'GET', path: `/v1/nodes?limit=${LISTED_NODES}` }), 200));
  figures.patch.values.push(
    await load(conductor, (index) => ({ method: 'PATCH', path: `/v1/nodes/life-r${number}-${index % 100}`, body: [{ op: 'add', path: '/extra/counter', value: index }] }), 200),
  );
  figures.loaded.values.push(highest(memorySamples));
  memorySamples.length = 0;
}

const memorySamples: number[] = [];

async function load(conductor: ConductorProcess, next: (index: number) => LoadRequest, expectedStatus: number): Promise<number> {
  const sampling = setInterval(() => void conductor.residentMiB().then((value) => memorySamples.push(value)), 200);
  try {
    return (await measureLoad(conductor.url, next, { connections: CONNECTIONS, seconds: SECONDS, expectedStatus })).requestsPerSecond;
  } finally {
    clearInterval(sampling);
  }
}

/** Sees to it that there are enough nodes for a full list. */
async function fill(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/nodes?limit=${LISTED_NODES}`);
  const missing = LISTED_NODES - ((await answer.json()) as { nodes: unknown[] }).nodes.length;
  for (let index = 0; index < missing; index += 1) {
    await fetch(`${url}/v1/nodes`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': '1.82' }, body: JSON.stringify({ driver: 'fake-hardware', name: `fill-${index}` }) });
  }
}

function highest(values: readonly number[]): number {
  return Math.max(...values);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

for (let number = 1; number <= ROUNDS; number += 1) {
  process.stderr.write(`round ${number} of ${ROUNDS}\n`);
  await round(number);
}

process.stdout.write(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, ${ROUNDS} rounds, ${SECONDS} s and ${CONNECTIONS} connections each; median (min .. max)\n`);
for (const { title, unit, aim, values } of Object.values(figures)) {
  const format = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
  const spread = `${format(median(values))} ${unit} (${format(Math.min(...values))} .. ${format(Math.max(...values))})`;
  process.stdout.write(`${title.padEnd(34)} ${spread.padEnd(34)} ${aim === '' ? '' : `aim ${aim}`}\n`);
}
