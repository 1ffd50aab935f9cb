import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { findFreePorts } from '../system/free-ports.ts';
import { type Mount, type Namespaces, startNamespaces } from '../system/namespaces.ts';
import { waitFor } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { findFile, findTool } from '../system/tools.ts';

export interface PrivateSshdOptions {
  /** Whoever logs in finds this daemon where libvirt's own tools look for one. */
  readonly libvirtd?: PrivateLibvirtd;
}

/** An SSH server of our own on 127.0.0.1, for one user with one key. */
export interface PrivateSshd extends AsyncDisposable {
  readonly port: number;
  readonly username: string;
  /** Private key (ed25519, without passphrase) that the server takes. */
  readonly userKeyFile: string;
  /** One that it refuses. */
  readonly strangerKeyFile: string;
  readonly hostKeyFile: string;
  /** `ssh-ed25519 AAAA...` */
  readonly hostPublicKey: string;
  /** A known_hosts file with the server in it. */
  readonly knownHostsFile: string;
  /** One with another key for this server. */
  readonly changedHostsFile: string;
  /** One without the server. */
  readonly emptyHostsFile: string;
  readonly logFile: string;
}

const KEYS = ['host', 'user', 'stranger', 'other-host'] as const;

/** Starts a server. Fails without root, and with the name of a Debian package that is missing. */
export async function startPrivateSshd({ libvirtd }: PrivateSshdOptions = {}): Promise<PrivateSshd> {
  const sshd = findTool('sshd');
  findFile('netcat-openbsd', '/usr/bin/nc', '/bin/nc');
  const directory = await mkdtemp(join(tmpdir(), 'ferric-sshd-'));
  let namespaces: Namespaces | undefined;
  const dispose = async (): Promise<void> => {
    await namespaces?.[Symbol.asyncDispose]();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const at = (name: string): string => join(directory, name);
    const [port = 0] = await findFreePorts(1);
    await Promise.all(KEYS.map((key) => run(findTool('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', at(key)])));
    const publicKey = async (key: (typeof KEYS)[number]): Promise<string> => (await readFile(at(`${key}.pub`), 'utf8')).split(' ').slice(0, 2).join(' ');
    const hostPublicKey = await publicKey('host');
    const { username } = userInfo();
    const files: Readonly<Record<string, string>> = {
      sshd_config: config(directory, port),
      authorized_keys: `${await publicKey('user')}\n`,
      known_hosts: `[127.0.0.1]:${port} ${hostPublicKey}\n`,
      changed_hosts: `[127.0.0.1]:${port} ${await publicKey('other-host')}\n`,
      empty_hosts: '',
      // A locked account, as cloud images have it, may not log in: here it is not.
      shadow: [username, 'sshd'].map((user) => `${user}:*:19000:0:99999:7:::\n`).join(''),
    };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(at(name), text, { mode: 0o600 })));
    namespaces = await startNamespaces({
      what: 'A private sshd', mounts: mounts(at('shadow'), libvirtd), remove: directory,
      ...(libvirtd === undefined ? {} : { within: libvirtd.namespaces }),
    });
    const [file, ...args] = namespaces.command(sshd, '-D', '-f', at('sshd_config'), '-E', at('sshd.log'));
    const child = spawn(file, args, { stdio: 'ignore', detached: true });
    const listens = await waitFor('the private sshd to listen', async () => {
      if (child.exitCode !== null) return false;
      const socket = createConnection(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.destroy();
      return true;
    });
    if (!listens) throw new Error(`The private sshd ended: ${await readFile(at('sshd.log'), 'utf8')}`);
    return {
      port, username, hostPublicKey,
      userKeyFile: at('user'),
      strangerKeyFile: at('stranger'),
      hostKeyFile: at('host'),
      knownHostsFile: at('known_hosts'),
      changedHostsFile: at('changed_hosts'),
      emptyHostsFile: at('empty_hosts'),
      logFile: at('sshd.log'),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** sshd_config(5). The server runs in the foreground, asks no PAM, and takes nothing but the key. */
function config(directory: string, port: number): string {
  return [
    `Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${directory}/host`, 'PidFile none', 'UsePAM no', 'StrictModes no', 'LogLevel VERBOSE',
    `AuthorizedKeysFile ${directory}/authorized_keys`, 'AuthenticationMethods publickey', 'PermitRootLogin prohibit-password', 'MaxStartups 100',
    'PrintMotd no', 'PrintLastLog no', 'AllowTcpForwarding no', 'AllowStreamLocalForwarding no', 'X11Forwarding no', '',
  ].join('\n');
}

/** sshd wants a folder of its own in /run, which only its service makes. */
function mounts(shadow: string, libvirtd: PrivateLibvirtd | undefined): readonly Mount[] {
  const memory = [{ at: '/run' }, { at: '/run/sshd' }];
  return [...memory, { at: '/etc/shadow', from: shadow }, ...(libvirtd === undefined ? [] : [{ at: '/run/libvirt', from: join(libvirtd.directory, 'run') }])];
}
