import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createIpmiClient, getDeviceId, type IpmiClient } from '@ferric/ipmi-raw-buffer';
import { findTool, type IpmiSim } from '@ferric/lab';
import { createFigure } from '../figures.ts';
import { ratePerSecond, type Subjects } from '../subjects.ts';

const execute = promisify(execFile);

/** Commands in one file for `ipmitool exec`: enough that opening the session takes a hundredth of the time. */
const COMMANDS_IN_FILE = 10_000;

export async function createSubjects(bmc: IpmiSim, seconds: number): Promise<Subjects> {
  const { host, port, username, password } = bmc;
  const client = createIpmiClient({ host, port, username, password, cipherSuite: 3 });
  const folder = await mkdtemp(join(tmpdir(), 'ferric-bench-ipmi-'));
  const file = join(folder, 'commands');
  await writeFile(file, 'raw 0x06 0x01\n'.repeat(COMMANDS_IN_FILE));
  const ipmitool = (...words: readonly string[]): Promise<unknown> =>
    execute(findTool('ipmitool'), ['-I', 'lanplus', '-C', '3', '-H', host, '-p', String(port), '-U', username, '-P', password, ...words], { maxBuffer: 64 * 1024 * 1024 });

  const ours = createFigure('one session, 1 in flight', '1/s');
  const inOneSession = createFigure('ipmitool exec, one session', '1/s');
  const forked = createFigure('ipmitool forked for each', '1/s');
  return {
    list: [
      { figure: ours, measure: async () => void ours.values.push(await countOurs(client, seconds)) },
      { figure: inOneSession, measure: async () => void inOneSession.values.push(await rateOf(COMMANDS_IN_FILE, () => ipmitool('exec', file))) },
      { figure: forked, measure: async () => void forked.values.push(await ratePerSecond(seconds, () => ipmitool('raw', '0x06', '0x01'))) },
    ],
    comparisons: [
      { text: '1 in flight, against ipmitool exec', ours, other: inOneSession, aim: '>= 1' },
      { text: '1 in flight, against ipmitool forked for each', ours, other: forked, aim: '>= 100' },
    ],
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The session is open before the clock starts, as it is most of the time with ipmitool's ten thousand commands. */
async function countOurs(client: IpmiClient, seconds: number): Promise<number> {
  await client.session();
  return ratePerSecond(seconds, () => getDeviceId(client));
}

async function rateOf(count: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return count / ((performance.now() - started) / 1000);
}
