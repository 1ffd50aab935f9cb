import { measureLifecycle } from './lifecycle.ts';
import { HEADERS, measureLoad, type LoadRequest } from './load.ts';

/** What is measured on a running server, ours or another that speaks the same API. */
export interface Scenario {
  readonly title: string;
  readonly unit: '1/s' | 'ms';
  readonly aim?: string;
  /** `run` is unique to this call, so that names never clash. */
  measure(url: string, run: string): Promise<number>;
}

const SECONDS = 3;
const CONNECTIONS = 16;
const LISTED_NODES = 1000;
const LIFE_NODES = 100;

export const METHOD = `${SECONDS} s and ${CONNECTIONS} connections each`;

const load = async (url: string, next: (index: number) => LoadRequest, expectedStatus: number): Promise<number> =>
  (await measureLoad(url, next, { connections: CONNECTIONS, seconds: SECONDS, expectedStatus })).requestsPerSecond;

/** In this order: later ones use the nodes that earlier ones made. */
export const SCENARIOS: readonly Scenario[] = [
  {
    title: `${LIFE_NODES} nodes from enrol to active`,
    unit: 'ms',
    aim: '<= 2000',
    measure: (url, run) => measureLifecycle(url, LIFE_NODES, run),
  },
  {
    title: 'POST of a node',
    unit: '1/s',
    measure: (url, run) =>
      load(url, (index) => ({ method: 'POST', path: '/v1/nodes', body: { driver: 'fake-hardware', name: `post-${run}-${index}`, properties: { cpus: 4 } } }), 201),
  },
  {
    title: 'GET of one node',
    unit: '1/s',
    aim: '>= 2500',
    measure: async (url, run) => load(url, () => ({ method: 'GET', path: `/v1/nodes/life-${run}-0` }), 200),
  },
  {
    title: `GET of a list of ${LISTED_NODES} nodes`,
    unit: '1/s',
    aim: '>= 50',
    async measure(url, run) {
      await fill(url, run);
      return load(url, () => ({ method: 'GET', path: `/v1/nodes?limit=${LISTED_NODES}` }), 200);
    },
  },
  {
    title: 'PATCH of a node',
    unit: '1/s',
    measure: (url, run) =>
      load(url, (index) => ({ method: 'PATCH', path: `/v1/nodes/life-${run}-${index % LIFE_NODES}`, body: [{ op: 'add', path: '/extra/counter', value: index }] }), 200),
  },
];

/** Sees to it that there are enough nodes for a full list. */
async function fill(url: string, run: string): Promise<void> {
  const answer = await fetch(`${url}/v1/nodes?limit=${LISTED_NODES}`, { headers: HEADERS });
  const missing = LISTED_NODES - ((await answer.json()) as { nodes: unknown[] }).nodes.length;
  for (let index = 0; index < missing; index += 1) {
    const made = await fetch(`${url}/v1/nodes`, { method: 'POST', headers: HEADERS, body: JSON.stringify({ driver: 'fake-hardware', name: `fill-${run}-${index}` }) });
    await made.arrayBuffer();
  }
}
