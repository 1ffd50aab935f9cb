import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFile, findFreePorts, findTool, run, waitFor } from '@ferric/lab';
import { type ImageHost, startImageHost } from './image-host.js';
import { IronicApi } from './ironic-api.js';
import { ironicConfiguration } from './ironic-settings.js';

/** The packages belong to Debian's interpreter, not to one that stands before it in the path. */
const INTERPRETER = '/usr/bin/python3';
const PACKAGES = '/usr/lib/python3/dist-packages';
const CREATE_SCHEMA = 'from ironic.cmd.dbsync import main; main()';
const SERVE = 'from ironic.cmd.singleprocess import main; main()';
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;

/** OpenStack Ironic of Debian: API and conductor in one process, with everything that it writes in a folder that goes away with it. */
export interface IronicServer extends AsyncDisposable {
  readonly api: IronicApi;
  /** Where what lies in {@link IronicServer.published} can be fetched: its floppies, and whatever a test puts there. */
  readonly imagesUrl: string;
  readonly published: string;
  readonly folder: string;
  /** Of its process. */
  readonly pid: number;
  /** What it complained of: lines of its log with warnings and errors. */
  complaints(): Promise<readonly string[]>;
}

/** Starts it on 127.0.0.1. Fails with the name of a Debian package that is missing. */
export async function startIronic(): Promise<IronicServer> {
  findFile('python3-ironic', `${PACKAGES}/ironic/cmd/singleprocess.py`);
  findFile('python3-proliantutils', `${PACKAGES}/proliantutils/ilo/client.py`);
  for (const tool of ['mkfs.vfat', 'mcopy', 'setpriv'] as const) findTool(tool);
  const folder = await mkdtemp(join(tmpdir(), 'ferric-ironic-'));
  const published = join(folder, 'published');
  await mkdir(published);
  const images = await startImageHost(published);
  const dispose = async (child?: ChildProcess): Promise<void> => {
    if (child !== undefined) await end(child);
    await images[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  let child: ChildProcess | undefined;
  try {
    const port = await configure(folder, published, images);
    const environment = await writePrograms(folder);
    await run(INTERPRETER, ['-c', CREATE_SCHEMA, '--config-file', join(folder, 'ironic.conf'), 'create_schema'], { env: environment, timeoutMs: START_LIMIT_MS });
    child = await launch(folder, environment);
    const api = new IronicApi(`http://127.0.0.1:${port}`);
    await waitUntilReady(child, api, folder);
    const started = child;
    return {
      api,
      imagesUrl: images.url,
      published,
      folder,
      pid: started.pid ?? 0,
      async complaints() {
        const log = await readFile(join(folder, 'ironic.log'), 'utf8');
        return log.split('\n').filter((line) => / (WARNING|ERROR|CRITICAL) /.test(line));
      },
      [Symbol.asyncDispose]: () => dispose(started),
    };
  } catch (error) {
    await dispose(child);
    throw error;
  }
}

async function configure(folder: string, published: string, images: ImageHost): Promise<number> {
  const [port = 0] = await findFreePorts(1);
  await writeFile(join(folder, 'ironic.conf'), ironicConfiguration({ folder, port, imagesUrl: images.url, published }));
  return port;
}

/**
 * The environment of the server: nothing of this process's that could send its requests elsewhere or verify them by other authorities, and first in
 * the path an `ipmitool` without anything to talk to, because the machines here have no IPMI and the real one would wait long for it.
 */
async function writePrograms(folder: string): Promise<Readonly<Record<string, string>>> {
  const programs = join(folder, 'programs');
  const ipmitool = join(programs, 'ipmitool');
  await mkdir(programs);
  await writeFile(ipmitool, '#!/bin/sh\necho "Error: Unable to establish IPMI v2 / RMCP+ session" >&2\nexit 1\n');
  await chmod(ipmitool, 0o755);
  return { PATH: `${programs}:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: folder, LC_ALL: 'C.UTF-8' };
}

async function launch(folder: string, environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const output = await open(join(folder, 'output'), 'a');
  try {
    // setpriv ends the server with this process, also when this process is killed; it becomes the server, so the pid is the server's.
    const command = ['--pdeathsig', 'KILL', INTERPRETER, '-c', SERVE, '--config-file', join(folder, 'ironic.conf')];
    const child = spawn(findTool('setpriv'), command, { stdio: ['ignore', output.fd, output.fd], env: { ...environment }, cwd: folder });
    await once(child, 'spawn');
    return child;
  } finally {
    await output.close();
  }
}

async function waitUntilReady(child: ChildProcess, api: IronicApi, folder: string): Promise<void> {
  await waitFor(
    'the API of Ironic',
    async () => {
      if (child.exitCode !== null || child.signalCode !== null) return 'ended';
      return (await api.ask('GET', '/v1/drivers')) === undefined ? undefined : 'ready';
    },
    { timeoutMs: START_LIMIT_MS, intervalMs: 100 },
  );
  if (child.exitCode !== null || child.signalCode !== null) throw new Error(`Ironic ended before it was ready: ${await readFile(join(folder, 'output'), 'utf8')}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
}
