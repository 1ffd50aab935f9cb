import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { findFreePorts } from '../system/free-ports.ts';

const run = promisify(execFile);

/** Where Debian's package `postgresql` puts its programs: one folder a major version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql';
const MISSING = 'PostgreSQL is not installed: no server program under /usr/lib/postgresql. Install the Debian package "postgresql" '
  + '(apt-get install -y --no-install-recommends postgresql) and run the peer tests again.';
const USER = 'ferric';
const START_ATTEMPTS = 5;
const STOP_LIMIT_MS = 15_000;

export interface PostgresqlOptions {
  /** False (the default) turns fsync off: faster, and no test pulls the plug of the machine. */
  readonly durable?: boolean;
}

/** A private PostgreSQL server on 127.0.0.1 that ends with the test. */
export interface PostgresqlServer extends AsyncDisposable {
  readonly port: number;
  /** Creates an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Runs one statement as the owner of the server. */
  query(text: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends the server as an administrator would, leaving its data. */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts a server with data of its own in a temporary folder.
 * The default collation is a linguistic one, so that a query which relies on byte order without saying so is found out.
 * @throws Error naming the Debian package when PostgreSQL is not installed.
 */
export async function startPostgresql(options: PostgresqlOptions = {}): Promise<PostgresqlServer> {
  const programs = await findPrograms();
  const account = await serverAccount();
  const folder = await mkdtemp(join(tmpdir(), 'ferric-postgresql-'));
  try {
    const password = randomBytes(16).toString('hex');
    const data = await createCluster(programs, folder, password, account);
    for (let attempt = 1; ; attempt += 1) {
      const [port = 0] = await findFreePorts(1);
      const launch = (): Promise<ChildProcess> => launchServer(programs, data, port, options.durable ?? false, account);
      try {
        return new PrivateServer(folder, port, password, launch, await launch());
      } catch (error) {
        // Somebody else may have taken the free port in the meantime.
        if (attempt === START_ATTEMPTS || !String(error).includes('Address already in use')) throw error;
      }
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

class PrivateServer implements PostgresqlServer {
  readonly port: number;
  readonly #folder: string;
  readonly #password: string;
  readonly #launch: () => Promise<ChildProcess>;
  #process: ChildProcess | undefined;
  #databases = 0;

  constructor(folder: string, port: number, password: string, launch: () => Promise<ChildProcess>, started: ChildProcess) {
    this.#folder = folder;
    this.port = port;
    this.#password = password;
    this.#launch = launch;
    this.#process = started;
  }

  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `ferric_${this.#databases}`;
    await this.query(`create database ${name}`);
    return this.#url(name);
  }

  async query(text: string): Promise<readonly Record<string, unknown>[]> {
    const sql = postgres(this.#url('postgres'), { max: 1, onnotice: () => undefined });
    try {
      return [...(await sql.unsafe(text))];
    } finally {
      await sql.end();
    }
  }

  async stop(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server !== undefined) await endProcess(server);
  }

  async start(): Promise<void> {
    this.#process ??= await this.#launch();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://${USER}:${this.#password}@127.0.0.1:${this.port}/${database}`;
  }
}

async function findPrograms(): Promise<string> {
  const versions = await readdir(DEBIAN_FOLDER).catch((): string[] => []);
  const newest = versions.filter((name) => /^\d+$/.test(name)).toSorted((one, other) => Number(other) - Number(one))[0];
  if (newest === undefined) throw new Error(MISSING);
  const programs = join(DEBIAN_FOLDER, newest, 'bin');
  const names = await readdir(programs).catch((): string[] => []);
  if (!names.includes('initdb') || !names.includes('postgres')) throw new Error(MISSING);
  return programs;
}

/** PostgreSQL refuses to run as root: then it runs as the account that the package made. */
async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((candidate) => candidate.startsWith('postgres:'));
  if (line === undefined) throw new Error(MISSING);
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

async function createCluster(programs: string, folder: string, password: string, account: Account | undefined): Promise<string> {
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== undefined) await Promise.all([folder, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  await run(
    join(programs, 'initdb'),
    [
      '--pgdata', data, '--username', USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8',
      '--locale', 'C.UTF-8', '--locale-provider', 'icu', '--icu-locale', 'en-US', '--no-sync',
    ],
    { cwd: folder, ...account },
  );
  await rm(passwordFile);
  return data;
}

async function launchServer(programs: string, data: string, port: number, durable: boolean, account: Account | undefined): Promise<ChildProcess> {
  const identity = account === undefined ? [] : ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups'];
  const settings = [
    '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', `fsync=${durable ? 'on' : 'off'}`,
    '-c', 'shared_buffers=32MB', '-c', 'logging_collector=off', '-c', 'autovacuum=off',
  ];
  // setpriv lets the server end with this process even when this process is killed; it becomes the server, so the pid is the server's.
  const server = spawn('setpriv', [...identity, '--pdeathsig', 'INT', join(programs, 'postgres'), ...settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: data,
  });
  try {
    await waitUntilReady(server);
  } catch (error) {
    await endProcess(server);
    throw error;
  }
  return server;
}

async function waitUntilReady(server: ChildProcess): Promise<void> {
  const output = server.stderr;
  if (output === null) throw new Error('The server was started without a pipe for its log.');
  const lines: string[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: output }).on('line', (line) => {
    if (line.includes('database system is ready to accept connections')) ready.resolve();
    if (lines.push(line) > 50) lines.shift();
  });
  server.once('error', ready.reject);
  server.once('exit', (status) => ready.reject(new Error(`PostgreSQL ended with status ${status} before it was ready:\n${lines.join('\n')}`)));
  await ready.promise;
}

/** Fast shutdown: sessions are cut, data is written. */
async function endProcess(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  const limit = setTimeout(() => server.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
}
