/**
 * Measures the libvirt client against python3-libvirt (the C library) and against virsh forked for each reading, all on the same private
 * daemon, in the same rounds and in turn, and counts what a power sync of many nodes costs.
 */
import { parseArgs } from 'node:util';
import { startPrivateLibvirtd } from '@ferric/lab';
import { describeMachine, type Figure, formatNumber, formatSpread, ratio } from '../figures.ts';
import { measureInTurn } from '../subjects.ts';
import { defineDomains } from './domains.ts';
import { countSyncExchanges } from './power-sync.ts';
import { startPythonPeer } from './python-peer.ts';
import { createSubjects } from './subjects.ts';

const DOMAINS = 100;
const SYNCED_NODES = 500;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' }, 'without-sync': { type: 'boolean', default: false } },
  });
  const rounds = Number(values.rounds);
  const seconds = Number(values.seconds);
  await using libvirtd = await startPrivateLibvirtd();
  const uuids = await defineDomains(libvirtd.uris.unix, DOMAINS);
  await using python = startPythonPeer();
  await using subjects = await createSubjects({ uri: libvirtd.uris.unix, uuids, seconds, python });
  await measureInTurn(subjects.list, rounds);
  process.stdout.write(`${describeMachine()}, ${rounds} rounds of ${seconds} s each, in turn; ${DOMAINS} shut-off qemu domains; median (min .. max)\n`);
  for (const { figure } of subjects.list) process.stdout.write(`${figure.title.padEnd(58)} ${formatSpread(figure)}\n`);
  for (const { text, ours, other, aim } of subjects.comparisons) process.stdout.write(`${text.padEnd(58)} ${formatNumber(ratio(ours, other))} x (aim ${aim})\n`);
  process.stdout.write(aimed('bulk reading of 100 domains, CPU of the client', subjects.bulkCpu));
  if (!values['without-sync']) process.stdout.write(`${await countSyncExchanges(libvirtd, SYNCED_NODES)}\n`);
}

function aimed(text: string, figure: Figure): string {
  return `${text.padEnd(58)} ${formatSpread(figure)} (aim ${figure.aim})\n`;
}
