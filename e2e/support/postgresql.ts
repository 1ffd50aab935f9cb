import { once } from 'node:events';
import { chown, readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startProgram, succeed } from './program.js';
import { createTemporaryFolder } from './temporary-folder.js';

/** A private PostgreSQL server on 127.0.0.1 with one empty database, that ends with the test. */
export interface PostgresqlServer extends AsyncDisposable {
  readonly url: string;
}

/** Where Debian's package puts its programs: one folder a major version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const MISSING = `PostgreSQL is missing below ${DEBIAN_FOLDER}: install the Debian package postgresql`;
const USER = 'ferric';
const START_LIMIT_MS = 30_000;

/**
 * Starts a server whose data lasts as long as the test; it trusts this machine, and writes without waiting for the disk.
 * @throws Error naming the Debian package when PostgreSQL is not installed.
 */
export async function startPostgresql(): Promise<PostgresqlServer> {
  const programs = await findPrograms();
  const asServer = await serverIdentity();
  await using started = new AsyncDisposableStack();
  const folder = started.use(await createTemporaryFolder());
  if (asServer !== undefined) await chown(folder.path, asServer.uid, asServer.gid);
  const identity = asServer === undefined ? [] : ['--reuid', String(asServer.uid), '--regid', String(asServer.gid), '--clear-groups'];
  const data = join(folder.path, 'data');
  const cluster = ['--pgdata', data, '--username', USER, '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'];
  await succeed('setpriv', [...identity, join(programs, 'initdb'), ...cluster], { cwd: folder.path });
  const port = await freePort();
  const options = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'shared_buffers=32MB'];
  const settings = ['-D', data, '-p', String(port), ...options.flatMap((option) => ['-c', option])];
  // Its log, which goes to standard error, tells when it is ready. SIGTERM lets it wait for its clients: they are gone by then.
  const command = ['sh', '-c', 'exec "$0" "$@" 2>&1', join(programs, 'postgres'), ...settings];
  const server = started.use(startProgram('setpriv', [...identity, '--pdeathsig', 'INT', ...command], { cwd: folder.path }));
  await server.waitForLine(/database system is ready to accept connections/, { timeoutMs: START_LIMIT_MS });
  const running = started.move();
  return { url: `postgres://${USER}@127.0.0.1:${port}/postgres`, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

async function findPrograms(): Promise<string> {
  const versions = await readdir(DEBIAN_FOLDER).catch((): string[] => []);
  const newest = versions.filter((name) => /^\d+$/.test(name)).toSorted((one, other) => Number(other) - Number(one))[0];
  if (newest === undefined) throw new Error(MISSING);
  return join(DEBIAN_FOLDER, newest, 'bin');
}

/** PostgreSQL refuses to run as root: then it runs as the account that the package made. */
async function serverIdentity(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((candidate) => candidate.startsWith('postgres:'));
  if (line === undefined) throw new Error(MISSING);
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
