import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePorts } from '../system/free-ports.ts';
import { type Namespaces, startNamespaces } from '../system/namespaces.ts';
import { waitFor } from '../system/poll.ts';
import { run, runSync } from '../system/programs.ts';
import { findFile, findTool } from '../system/tools.ts';
import { authFile, type DaemonAuth, FOLDERS, libvirtdConfig, type LibvirtdSettings, qemuConfig, saslConfig } from './libvirtd-config.ts';
import { createPki, type Pki } from './pki.ts';

export interface PrivateLibvirtdOptions {
  /** Whether each way in asks for user and password. Default none. */
  readonly unixAuth?: DaemonAuth;
  readonly tcpAuth?: DaemonAuth;
  readonly tlsAuth?: DaemonAuth;
  /** Whether TLS demands a client's certificate. Default true. */
  readonly clientCertificate?: boolean;
  /** SASL mechanisms as the SASL library spells them. Default: scram-sha-256 and digest-md5; plain TCP offers only the latter. */
  readonly mechanisms?: readonly string[];
  /** Default ferric. */
  readonly username?: string;
  /** Default: made up. */
  readonly password?: string;
  /** Names in the server's certificate. Default `IP:127.0.0.1` alone, so that `localhost` is a wrong one. */
  readonly serverNames?: readonly string[];
  /** A network of its own, in which it may make bridges and DHCP servers. TCP and TLS then answer only inside. Default false: networks cannot be started. */
  readonly networkNamespace?: boolean;
  /** Calls that the daemon works on at a time for one client. Default 64; libvirt's own is 5. */
  readonly maximumRequests?: number;
}

/** A daemon of our own, with its own configuration, state and guests. Disposing ends everything that lives in it and removes its files. */
export interface PrivateLibvirtd extends AsyncDisposable {
  /** Everything that it writes is below. Guests see paths in it as we do. */
  readonly directory: string;
  readonly socket: string;
  /** Answers without password, and refuses what changes something. */
  readonly readOnlySocket: string;
  readonly tcpPort: number;
  readonly tlsPort: number;
  readonly uris: {
    readonly unix: string;
    /** The test driver inside the daemon. Its state lasts while one connection to it is open. */
    readonly test: string;
    readonly readOnly: string;
    readonly tcp: string;
    readonly testTcp: string;
    /** Without `pkipath`: add `?pkipath=` and a folder of {@link PrivateLibvirtd.pki}. */
    readonly tls: string;
  };
  readonly pki: Pki;
  readonly credentials: { readonly username: string; readonly password: string };
  readonly namespaces: Namespaces;
  /** The daemon's process, another one after a restart. */
  readonly pid: number;
  readonly logFile: string;
  /** Whether each way in asks for user and password. */
  readonly auth: { readonly unix: DaemonAuth; readonly tcp: DaemonAuth; readonly tls: DaemonAuth };
  /** Runs virsh, connected through the unix socket, and yields what it printed. Fails with what it said. */
  virsh(...args: readonly string[]): Promise<string>;
  /** The same at once: nothing else goes on in this process meanwhile. */
  virshSync(...args: readonly string[]): string;
  /** Environment for a virsh, or a libvirt library, that shall find user and password. */
  readonly environment: Readonly<Record<string, string>>;
  /** Ends the daemon, not its guests. SIGKILL: as a crash does. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again, and waits until it answers. */
  start(): Promise<void>;
  /** `stop` and `start`. Guests go on to run. */
  restart(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** True when it ended without being stopped: it crashed. */
  readonly hasCrashed: boolean;
  /** Starts it again when it has crashed, and says so on standard error with the end of its log. */
  recover(): Promise<void>;
  /** Sends any other signal: SIGSTOP makes a daemon that is silent. */
  signal(name: NodeJS.Signals): void;
}

/** Times that another process took a port between our looking and the daemon's. */
const ATTEMPTS = 3;

/** Starts a daemon. Fails without root, and with the name of a Debian package that is missing. */
export async function startPrivateLibvirtd(options: PrivateLibvirtdOptions = {}): Promise<PrivateLibvirtd> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !String(error).includes('Address already in use')) throw error;
    }
  }
}

async function startOnce(options: PrivateLibvirtdOptions): Promise<PrivateLibvirtd> {
  checkPackages();
  const directory = await mkdtemp(join(tmpdir(), 'ferric-libvirtd-'));
  let namespaces: Namespaces | undefined;
  try {
    const prepared = await prepare(directory, options);
    namespaces = await startNamespaces({
      what: 'A private libvirtd',
      mounts: [{ at: '/run' }, { at: '/run/lock' }, ...Object.entries(FOLDERS).map(([folder, at]) => ({ at, from: join(directory, folder) }))],
      network: options.networkNamespace ?? false,
      remove: directory,
    });
    const daemon = new Daemon(directory, namespaces, options.networkNamespace ?? false);
    await daemon.start();
    return describe(directory, prepared, namespaces, daemon);
  } catch (error) {
    await namespaces?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

function checkPackages(): void {
  for (const tool of ['libvirtd', 'virsh', 'qemu-system-x86_64', 'openssl', 'saslpasswd2', 'setpriv'] as const) findTool(tool);
  findFile('libsasl2-modules', `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/sasl2/libscram.so`);
}

interface Prepared {
  readonly settings: LibvirtdSettings;
  readonly credentials: { readonly username: string; readonly password: string };
}

/** Writes the folder of a daemon: configuration, certificates, passwords. */
async function prepare(directory: string, options: PrivateLibvirtdOptions): Promise<Prepared> {
  for (const folder of Object.keys(FOLDERS)) mkdirSync(join(directory, folder));
  const [tcpPort = 0, tlsPort = 0] = await findFreePorts(2);
  const pki = await createPki(join(directory, 'pki'), options.serverNames ?? ['IP:127.0.0.1']);
  const credentials = { username: options.username ?? 'ferric', password: options.password ?? 'correct-horse-battery' };
  const { unixAuth = 'none', tcpAuth = 'none', tlsAuth = 'none', clientCertificate = true, maximumRequests = 64 } = options;
  const settings: LibvirtdSettings = { unixAuth, tcpAuth, tlsAuth, clientCertificate, maximumRequests, tcpPort, tlsPort, pki };
  const files: Readonly<Record<string, string>> = {
    'etc/libvirtd.conf': libvirtdConfig(settings),
    'etc/qemu.conf': qemuConfig(),
    'sasl/libvirt.conf': saslConfig(options.mechanisms ?? ['scram-sha-256', 'digest-md5']),
    'auth.conf': authFile(credentials),
  };
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o600 })));
  const database = ['-f', join(directory, 'sasl/passwd.db'), '-a', 'libvirt', '-u', hostname()];
  await run(findTool('saslpasswd2'), ['-p', '-c', ...database, credentials.username], { input: credentials.password });
  return { settings, credentials };
}

/** The process of the daemon: there may be none for a while. */
class Daemon {
  readonly #directory: string;
  readonly #namespaces: Namespaces;
  readonly #mayMakeNetworks: boolean;
  #pid: number | undefined;

  constructor(directory: string, namespaces: Namespaces, mayMakeNetworks: boolean) {
    this.#directory = directory;
    this.#namespaces = namespaces;
    this.#mayMakeNetworks = mayMakeNetworks;
  }

  get pid(): number {
    if (this.#pid === undefined) throw new Error('The private libvirtd does not run');
    return this.#pid;
  }

  get socket(): string {
    return join(this.#directory, 'run/libvirt-sock');
  }

  get logFile(): string {
    return join(this.#directory, 'log/libvirtd.log');
  }

  async start(): Promise<void> {
    if (this.#pid !== undefined) return;
    // Without this right no test can touch the network of the machine that it runs on.
    const limits = this.#mayMakeNetworks ? [] : [findTool('setpriv'), '--inh-caps=-net_admin', '--bounding-set=-net_admin'];
    // In the background it is a child of the first process inside, which is told of its end whatever becomes of ours.
    const daemon = [findTool('libvirtd'), '--daemon', '--listen', '--config', `${FOLDERS.etc}/libvirtd.conf`, '--pid-file', `${FOLDERS.run}/libvirtd.pid`];
    const [enter, ...args] = this.#namespaces.command(...([...limits, ...daemon] as [string, ...string[]]));
    await run(enter, args).catch((error: unknown) => {
      throw new Error(`The private libvirtd did not start: ${this.#log()}`, { cause: error });
    });
    this.#pid = this.#namespaces.outerPid(Number(readFileSync(join(this.#directory, 'run/libvirtd.pid'), 'utf8')));
    await waitFor('the private libvirtd to answer', async () => {
      // The read-only socket asks for no password. The test driver needs no QEMU, which takes a second to be looked over.
      await run(findTool('virsh'), ['-c', `test+unix:///default?socket=${this.socket}-ro`, 'uri']);
      return true;
    });
  }

  get hasCrashed(): boolean {
    return this.#pid !== undefined && !existsSync(`/proc/${this.#pid}`);
  }

  async recover(): Promise<void> {
    if (!this.hasCrashed) return;
    process.stderr.write(`The private libvirtd (process ${this.#pid}) ended by itself and is started again. Its last words:\n${this.#log().slice(-2000)}\n`);
    this.#pid = undefined;
    await this.start();
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const pid = this.#pid;
    if (pid === undefined) return;
    process.kill(pid, signal);
    await waitFor('the private libvirtd to end', () => (existsSync(`/proc/${pid}`) ? undefined : true));
    this.#pid = undefined;
  }

  #log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-10_000) : 'it left no log';
  }
}

function describe(directory: string, { settings, credentials }: Prepared, namespaces: Namespaces, daemon: Daemon): PrivateLibvirtd {
  const { socket } = daemon;
  const { tcpPort, tlsPort, pki } = settings;
  const readOnlySocket = `${socket}-ro`;
  const uris = {
    unix: `qemu+unix:///system?socket=${socket}`,
    test: `test+unix:///default?socket=${socket}`,
    readOnly: `qemu+unix:///system?socket=${readOnlySocket}`,
    tcp: `qemu+tcp://127.0.0.1:${tcpPort}/system`,
    testTcp: `test+tcp://127.0.0.1:${tcpPort}/default`,
    tls: `qemu+tls://127.0.0.1:${tlsPort}/system`,
  };
  const environment = { LIBVIRT_AUTH_FILE: join(directory, 'auth.conf') };
  const connect = ['--quiet', '--connect', uris.unix];
  return {
    directory, socket, readOnlySocket, tcpPort, tlsPort, uris, pki, credentials, namespaces, environment,
    auth: { unix: settings.unixAuth, tcp: settings.tcpAuth, tls: settings.tlsAuth },
    logFile: daemon.logFile,
    get pid() {
      return daemon.pid;
    },
    virsh: (...args) => run(findTool('virsh'), [...connect, ...args], { env: environment }),
    virshSync: (...args) => runSync(findTool('virsh'), [...connect, ...args], { env: environment }),
    get hasCrashed() {
      return daemon.hasCrashed;
    },
    recover: () => daemon.recover(),
    stop: (signal = 'SIGTERM') => daemon.stop(signal),
    start: () => daemon.start(),
    async restart(signal = 'SIGTERM') {
      await daemon.stop(signal);
      await daemon.start();
    },
    signal: (name) => void process.kill(daemon.pid, name),
    async [Symbol.asyncDispose]() {
      await namespaces[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
