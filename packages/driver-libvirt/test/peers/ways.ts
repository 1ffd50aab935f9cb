import { Secret } from '@ferric/core';
import { type Hypervisor, openWitness, type PrivateLibvirtd, type PrivateSshd, startPrivateLibvirtd, startPrivateSshd, type Witness } from '@ferric/lab';
import type { LibvirtClientSettings } from '../../src/client/index.js';

/** Daemons that are reached in every way there is. */
export interface Daemons extends AsyncDisposable {
  /** Asks nobody for a password; wants certificates on TLS. */
  readonly open: PrivateLibvirtd;
  /** Asks everybody for a password. */
  readonly guarded: PrivateLibvirtd;
  /** Leads to the open one. */
  readonly sshd: PrivateSshd;
  readonly witnesses: Readonly<Record<'open' | 'guarded', Readonly<Record<Hypervisor, Witness>>>>;
}

export async function startDaemons(): Promise<Daemons> {
  await using stack = new AsyncDisposableStack();
  const open = stack.use(await startPrivateLibvirtd());
  const guarded = stack.use(await startPrivateLibvirtd({ unixAuth: 'sasl', tcpAuth: 'sasl', tlsAuth: 'sasl' }));
  const sshd = stack.use(await startPrivateSshd({ libvirtd: open }));
  const witnessesOf = async (libvirtd: PrivateLibvirtd): Promise<Readonly<Record<Hypervisor, Witness>>> => ({
    qemu: stack.use(await openWitness(libvirtd, 'qemu')),
    test: stack.use(await openWitness(libvirtd, 'test')),
  });
  const witnesses = { open: await witnessesOf(open), guarded: await witnessesOf(guarded) };
  const all = stack.move();
  return { open, guarded, sshd, witnesses, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}

/** A way to a daemon. */
export interface Way {
  readonly name: string;
  readonly daemon: 'open' | 'guarded';
  readonly settings: (daemons: Daemons, hypervisor: Hypervisor) => LibvirtClientSettings;
}

const PATHS: Readonly<Record<Hypervisor, string>> = { qemu: '/system', test: '/default' };

export function credentialsOf({ credentials }: PrivateLibvirtd, password = credentials.password): { readonly username: string; readonly password: Secret } {
  return { username: credentials.username, password: new Secret(password) };
}

const unixUri = (hypervisor: Hypervisor, socket: string): string => `${hypervisor}+unix://${PATHS[hypervisor]}?socket=${socket}`;
const tcpUri = (hypervisor: Hypervisor, { tcpPort }: PrivateLibvirtd): string => `${hypervisor}+tcp://127.0.0.1:${tcpPort}${PATHS[hypervisor]}`;
const tlsUri = (hypervisor: Hypervisor, { tlsPort, pki }: PrivateLibvirtd): string => `${hypervisor}+tls://127.0.0.1:${tlsPort}${PATHS[hypervisor]}?pkipath=${pki.directory}`;
const sshUri = (hypervisor: Hypervisor, { sshd }: Daemons, parameters: string): string =>
  `${hypervisor}+ssh://${sshd.username}@127.0.0.1:${sshd.port}${PATHS[hypervisor]}?${parameters}&keyfile=${sshd.userKeyFile}&known_hosts=${sshd.knownHostsFile}`;

export const WAYS: readonly Way[] = [
  { name: 'unix', daemon: 'open', settings: ({ open }, hypervisor) => ({ uri: unixUri(hypervisor, open.socket) }) },
  {
    name: 'unix with SCRAM-SHA-256',
    daemon: 'guarded',
    settings: ({ guarded }, hypervisor) => ({ uri: `${unixUri(hypervisor, guarded.socket)}&auth=sasl.SCRAM-SHA-256`, credentials: credentialsOf(guarded) }),
  },
  { name: 'TCP', daemon: 'open', settings: ({ open }, hypervisor) => ({ uri: tcpUri(hypervisor, open) }) },
  { name: 'TCP with DIGEST-MD5', daemon: 'guarded', settings: ({ guarded }, hypervisor) => ({ uri: tcpUri(hypervisor, guarded), credentials: credentialsOf(guarded) }) },
  { name: 'TLS with a client certificate', daemon: 'open', settings: ({ open }, hypervisor) => ({ uri: tlsUri(hypervisor, open) }) },
  {
    name: 'TLS with SCRAM-SHA-256',
    daemon: 'guarded',
    settings: ({ guarded }, hypervisor) => ({ uri: `${tlsUri(hypervisor, guarded)}&auth=sasl.SCRAM-SHA-256`, credentials: credentialsOf(guarded) }),
  },
  { name: 'SSH with netcat', daemon: 'open', settings: (daemons, hypervisor) => ({ uri: sshUri(hypervisor, daemons, `proxy=netcat&socket=${daemons.open.socket}`) }) },
  { name: 'SSH with virt-ssh-helper', daemon: 'open', settings: (daemons, hypervisor) => ({ uri: sshUri(hypervisor, daemons, 'proxy=native') }) },
  { name: 'SSH, whatever is there', daemon: 'open', settings: (daemons, hypervisor) => ({ uri: sshUri(hypervisor, daemons, 'mode=legacy') }) },
];
