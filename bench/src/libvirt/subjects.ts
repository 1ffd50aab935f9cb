import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { createLibvirtClient, type Domain, type LibvirtClient } from '@ferric/driver-libvirt/client';
import { createFigure, type Figure } from '../figures.ts';
import { ratePerSecond, type Subjects } from '../subjects.ts';
import type { PythonPeer } from './python-peer.ts';

const execute = promisify(execFile);

export interface LibvirtSubjects extends Subjects {
  /** Filled together with the bulk reading. */
  readonly bulkCpu: Figure;
}

export interface SubjectSettings {
  readonly uri: string;
  readonly uuids: readonly string[];
  readonly seconds: number;
  readonly python: PythonPeer;
}

export async function createSubjects({ uri, uuids, seconds, python }: SubjectSettings): Promise<LibvirtSubjects> {
  const client = createLibvirtClient({ uri, concurrency: 64 });
  const domains = await Promise.all(uuids.map((uuid) => client.domains.lookupByUuid(uuid)));
  const order = { uri, domain_uuids: uuids, seconds };

  const oneByOne = createFigure('get_state, 1 in flight', '1/s');
  const sideBySide = createFigure('get_state, 64 in flight', '1/s');
  const pythonOne = createFigure('get_state, python3-libvirt, 1 thread', '1/s');
  const pythonEight = createFigure('get_state, python3-libvirt, 8 threads', '1/s');
  const forked = createFigure('get_state, virsh forked for each', '1/s');
  const bulk = createFigure('bulk reading of 100 domains', 'ms');
  const pythonBulk = createFigure('bulk reading of 100 domains, python3-libvirt', 'ms');
  const bulkCpu = createFigure('bulk reading of 100 domains, CPU of the client', 'ms', '<= 1');

  return {
    bulkCpu,
    list: [
      { figure: oneByOne, measure: async () => void oneByOne.values.push(await countStates(client, domains, seconds, 1)) },
      { figure: pythonOne, measure: async () => void pythonOne.values.push((await python.measure({ ...order, measure: 'states', threads: 1 }))['perSecond'] ?? Number.NaN) },
      { figure: sideBySide, measure: async () => void sideBySide.values.push(await countStates(client, domains, seconds, 64)) },
      { figure: pythonEight, measure: async () => void pythonEight.values.push((await python.measure({ ...order, measure: 'states', threads: 8 }))['perSecond'] ?? Number.NaN) },
      { figure: forked, measure: async () => void forked.values.push(await countForked(uri, uuids, seconds)) },
      {
        figure: bulk,
        async measure() {
          const { wallMs, cpuMs } = await readInBulk(client, domains, seconds);
          bulk.values.push(wallMs);
          bulkCpu.values.push(cpuMs);
        },
      },
      { figure: pythonBulk, measure: async () => void pythonBulk.values.push((await python.measure({ ...order, measure: 'bulk', threads: 1 }))['milliseconds'] ?? Number.NaN) },
    ],
    comparisons: [
      { text: '1 in flight, against python3-libvirt with 1 thread', ours: oneByOne, other: pythonOne, aim: '>= 1' },
      { text: '64 in flight, against python3-libvirt with 1 thread', ours: sideBySide, other: pythonOne, aim: '>= 1' },
      { text: '64 in flight, against python3-libvirt with 8 threads', ours: sideBySide, other: pythonEight, aim: 'none' },
      { text: '1 in flight, against virsh forked for each', ours: oneByOne, other: forked, aim: '>= 100' },
    ],
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function countStates(client: LibvirtClient, domains: readonly Domain[], seconds: number, inFlight: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const started = performance.now();
  let count = 0;
  const work = async (first: number): Promise<void> => {
    for (let index = first; performance.now() < end; index += inFlight) {
      await client.domains.state(domains[index % domains.length] as Domain);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => work(index)));
  return count / ((performance.now() - started) / 1000);
}

async function countForked(uri: string, uuids: readonly string[], seconds: number): Promise<number> {
  return ratePerSecond(seconds, (count) => execute('virsh', ['--connect', uri, 'domstate', uuids[count % uuids.length] ?? '']));
}

async function readInBulk(client: LibvirtClient, domains: readonly Domain[], seconds: number): Promise<{ readonly wallMs: number; readonly cpuMs: number }> {
  const end = performance.now() + seconds * 1000;
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  let count = 0;
  for (; performance.now() < end; count += 1) {
    const read = await client.domains.stats(domains);
    if (read.length !== domains.length) throw new Error(`The daemon told of ${read.length} domains, asked for ${domains.length}`);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallMs: (performance.now() - started) / count, cpuMs: (user + system) / 1000 / count };
}
