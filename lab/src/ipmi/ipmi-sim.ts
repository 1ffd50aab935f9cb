import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreeUdpPort } from '../system/free-ports.ts';
import { waitFor } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { findFile, findTool } from '../system/tools.ts';
import { ping } from './presence-ping.ts';

export interface IpmiSimOptions {
  /** `small`: one sensor. `full`: 79 SDRs, 8 FRU devices, 15 entries in the log. Default small. */
  readonly content?: 'small' | 'full';
  /** False: nobody answers Node Manager's commands at 2Ch. Default true. */
  readonly nodeManager?: boolean;
  /** TCP port of 127.0.0.1 at which the caller plays the serial line of the machine. Default: there is none, and no serial over LAN. */
  readonly serialLine?: number;
  /** Of the user `admin`. Default `secret`. */
  readonly password?: string;
}

/** OpenIPMI's simulator of a BMC, an implementation that shares nothing with ours. It knows cipher suites 0 to 3, and IPMI 1.5. */
export interface IpmiSim extends AsyncDisposable {
  /** Everything that it writes is below. */
  readonly directory: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** What the machine behind it is: read from the files of its power script, past the BMC. */
  power(): Promise<'on' | 'off'>;
  /** As the BMC told it to the machine: `default`, `pxe`, `disk`, `cdrom`, `bios`. */
  bootDevice(): Promise<string>;
  /** Each change that the BMC ordered: `power=1`, `boot=pxe`, `reset=1`. */
  orders(): Promise<readonly string[]>;
  /** Holds it up, as a BMC that is busy: `SIGSTOP`, `SIGCONT`. */
  signal(name: NodeJS.Signals): void;
}

const FILES = fileURLToPath(new URL('files/', import.meta.url));
const HOST = '127.0.0.1';
const USERNAME = 'admin';
const PASSWORD = 'secret';

/** Starts it in a temporary folder on a free port. Fails with the name of a Debian package that is missing. */
export async function startIpmiSim(options: IpmiSimOptions = {}): Promise<IpmiSim> {
  const { content = 'small', nodeManager = true, serialLine, password = PASSWORD } = options;
  const directory = await mkdtemp(join(tmpdir(), 'ferric-ipmi-sim-'));
  let child: ChildProcess | undefined;
  const dispose = async (): Promise<void> => {
    if (child !== undefined) await end(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const port = await findFreeUdpPort();
    const emulation = content === 'full' ? 'ferric-full.emu' : 'ferric.emu';
    await Promise.all([emulation, 'power.sh'].map((name) => copyFile(join(FILES, name), join(directory, name))));
    if (nodeManager) await buildNodeManager(directory);
    await writeFile(join(directory, 'lan.conf'), lanConfiguration({ directory, port, nodeManager, serialLine, password }));
    child = spawn(findTool('ipmi_sim'), ['-c', 'lan.conf', '-f', emulation, '-s', directory, '-n'], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-10_000)));
    const started = child;
    await waitFor('ipmi_sim to answer', async () => {
      if (started.exitCode !== null) throw new Error(`ipmi_sim ended with ${started.exitCode}: ${said}`);
      return (await ping(HOST, port)) || undefined;
    });
    const read = async (name: string, otherwise: string): Promise<string> => {
      const text = await readFile(join(directory, 'pw', name), 'utf8').catch(() => otherwise);
      return text.trim();
    };
    return {
      directory, host: HOST, port, username: USERNAME, password,
      power: async () => ((await read('power', '0')) === '1' ? 'on' : 'off'),
      bootDevice: () => read('boot', 'default'),
      orders: async () => (await read('log', '')).split('\n').filter((line) => line !== ''),
      signal: (name) => void started.kill(name),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function buildNodeManager(directory: string): Promise<void> {
  findFile('libopenipmi-dev', '/usr/include/OpenIPMI/serv.h');
  await run(findTool('gcc'), ['-Wall', '-fPIC', '-shared', '-o', join(directory, 'nm_mod.so'), join(FILES, 'nm_mod.c')]);
}

interface LanSettings {
  readonly directory: string;
  readonly port: number;
  readonly nodeManager: boolean;
  readonly serialLine: number | undefined;
  readonly password: string;
}

/** Source: ipmi_lan(5) of OpenIPMI 2.0.33. */
function lanConfiguration({ directory, port, nodeManager, serialLine, password }: LanSettings): string {
  const authentications = ['callback', 'user', 'operator', 'admin'].map((level) => `    allowed_auths_${level} none md2 md5 straight`);
  return [
    'name "ferric"',
    'set_working_mc 0x20',
    '  startlan 1',
    `    addr ${HOST} ${port}`,
    '    priv_limit admin',
    ...authentications,
    '    guid a123456789abcdefa123456789abcdef',
    '  endlan',
    `  chassis_control "/bin/sh ${join(directory, 'power.sh')} ${join(directory, 'pw')}"`,
    ...(serialLine === undefined ? [] : [`  sol "tcp:${HOST}:${serialLine}" 115200`]),
    '  user 1 true "" "test" user 10 none md2 md5 straight',
    `  user 2 true "${USERNAME}" "${password}" admin 10 none md2 md5 straight`,
    ...(nodeManager ? [`loadlib "${join(directory, 'nm_mod.so')}" ""`] : []),
    '',
  ].join('\n');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
