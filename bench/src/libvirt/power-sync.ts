import { setTimeout as pause } from 'node:timers/promises';
import { type FaultProxy, type PrivateLibvirtd, startFaultProxy } from '@ferric/lab';
import { type ConductorProcess, startConductorProcess } from '../conductor-process.ts';
import { HEADERS } from '../load.ts';
import { defineDomains } from './domains.ts';

/** Source: libvirt, src/remote/remote_protocol.x, REMOTE_PROC_CONNECT_GET_ALL_DOMAIN_STATS. */
const BULK_READING = 344;
const INTERVAL_MS = 2000;
const PASSES = 5;

/**
 * Lets a conductor watch the power of many nodes of one daemon, through a proxy that counts calls.
 * @returns what a pass of its power sync asked for, in words
 */
export async function countSyncExchanges(libvirtd: PrivateLibvirtd, nodes: number): Promise<string> {
  const uuids = await defineDomains(libvirtd.uris.unix, nodes, 'sync');
  await using proxy = await startFaultProxy({ target: { socket: libvirtd.socket }, listen: { port: 0 } });
  if (!('port' in proxy.listens)) throw new Error('The proxy listens on no port');
  const uri = `qemu+tcp://127.0.0.1:${proxy.listens.port}/system`;
  await using conductor = await startConductorProcess(['--power-sync-interval-ms', String(INTERVAL_MS)]);
  for (const [index, uuid] of uuids.entries()) await enrol(conductor, `sync-${index}`, { libvirt_uri: uri, libvirt_domain: uuid });
  await until(async () => (await countNodes(conductor, 'manageable')) === nodes);
  const before = calls(proxy);
  const startedAt = performance.now();
  await until(async () => calls(proxy).bulk - before.bulk >= PASSES * Math.ceil(nodes / 100));
  const seconds = (performance.now() - startedAt) / 1000;
  const after = calls(proxy);
  const bulk = after.bulk - before.bulk;
  const all = after.all - before.all;
  return (
    `power sync of ${nodes} nodes of one daemon: ${all} calls in ${seconds.toFixed(1)} s with a pass every ${INTERVAL_MS / 1000} s, ${bulk} of them bulk readings: ` +
    `${(all / PASSES).toFixed(1)} exchanges a pass, over ${proxy.activity.openConnections} connection(s)`
  );
}

function calls(proxy: FaultProxy): { readonly bulk: number; readonly all: number } {
  const counted = [...proxy.activity.calls.values()];
  return { bulk: proxy.activity.calls.get(BULK_READING) ?? 0, all: counted.reduce((sum, count) => sum + count, 0) };
}

async function enrol({ url }: ConductorProcess, name: string, driverInfo: Readonly<Record<string, string>>): Promise<void> {
  const created = await fetch(`${url}/v1/nodes`, { method: 'POST', headers: HEADERS, body: JSON.stringify({ driver: 'staging-libvirt', name, driver_info: driverInfo }) });
  if (created.status !== 201) throw new Error(`POST of ${name} answered ${created.status}: ${await created.text()}`);
  const asked = await fetch(`${url}/v1/nodes/${name}/states/provision`, { method: 'PUT', headers: HEADERS, body: JSON.stringify({ target: 'manage' }) });
  if (asked.status !== 202) throw new Error(`manage of ${name} answered ${asked.status}: ${await asked.text()}`);
}

async function countNodes({ url }: ConductorProcess, state: string): Promise<number> {
  const answer = await fetch(`${url}/v1/nodes?provision_state=${state}&fields=uuid&limit=1000`, { headers: HEADERS });
  return ((await answer.json()) as { nodes: unknown[] }).nodes.length;
}

async function until(done: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 120_000;
  while (!(await done())) {
    if (performance.now() > end) throw new Error('It took longer than two minutes');
    await pause(100);
  }
}
