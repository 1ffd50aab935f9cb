import { FerricError, printValue } from '@ferric/core';
import { homedir } from 'node:os';
import { optional } from './uri/optional.js';
import { type LibvirtUriParameters, readQuery } from './uri/parameters.js';
import { candidateSockets, LEGACY_SOCKET, type LibvirtUserContext, sessionSocketFolders, SYSTEM_SOCKET_FOLDER } from './uri/sockets.js';
import { encodeFragment, encodePath, HYPERVISOR_URI, splitUri, type UriParts } from './uri/syntax.js';
import { parameterError, uriError } from './uri/uri-error.js';

export type { LibvirtUriParameters } from './uri/parameters.js';
export type { LibvirtUserContext } from './uri/sockets.js';

export type LibvirtTransport = 'unix' | 'tcp' | 'tls' | 'ssh';

/** A URI as libvirt parses it, taken apart. */
export interface LibvirtUri {
  /** As it was given. */
  readonly text: string;
  /** The hypervisor driver: `qemu`, `test`, `lxc`, `remote`. */
  readonly driver: string;
  readonly transport: LibvirtTransport;
  readonly username?: string;
  /** `localhost` where the URI names none; absent for unix. */
  readonly host?: string;
  /** With the default of the transport filled in; absent for unix. */
  readonly port?: number;
  /** The name that is sent to the daemon: the URI without transport, user, host and the parameters used here. */
  readonly remoteName: string;
  /** The daemons of one user are meant, not those of the system: the path is `/session`, or the driver is libvirt's test driver. */
  readonly session: boolean;
  /** For unix: sockets of this machine to look for, in this order. Empty for the others. */
  readonly sockets: readonly string[];
  readonly parameters: LibvirtUriParameters;
  /**
   * One text for messages, gates and pools: `192.0.2.1:16514`, `/var/run/libvirt/libvirt-sock`, `root@192.0.2.1:22`. For unix with several
   * candidates it is the one of libvirtd. Two URIs with one address are one daemon only when their `remoteName` is the same too.
   */
  readonly address: string;
}

/** Source: libvirt 9.0.0, src/remote/remote_sockets.c, remoteDriverTransport. `ext` is missing: it starts a program. */
const TRANSPORTS: Readonly<Record<string, LibvirtTransport>> = { unix: 'unix', tcp: 'tcp', tls: 'tls', ssh: 'ssh', libssh: 'ssh', libssh2: 'ssh' };

/** Source: libvirt 9.0.0, src/remote/remote_driver.h, LIBVIRTD_TCP_PORT and LIBVIRTD_TLS_PORT. */
const PORTS = { tcp: 16_509, tls: 16_514, ssh: 22 } as const;

/** Hypervisors that libvirt's own library talks to by itself, so that no daemon could be reached for them. */
const WITHOUT_DAEMON: ReadonlySet<string> = new Set(['esx', 'gsx', 'vpx', 'hyperv']);

/** Longest path of a socket on Linux. Source: unix(7), sun_path, without its NUL. */
const LONGEST_SOCKET_BYTES = 107;

/**
 * Reads a URI as libvirt does, so that the daemon gets the same name from here as from `virsh -c`.
 * Sources: libvirt 9.0.0, src/util/viruri.c, src/remote/remote_driver.c, src/remote/remote_sockets.c; compared with what its library does.
 * @throws INVALID_OPTIONS naming what is wrong (a password in the URI among it); UNSUPPORTED for what would start another program.
 */
export function parseLibvirtUri(text: string, context: LibvirtUserContext = {}): LibvirtUri {
  const parts = splitUri(text);
  const { parameters, name, command, rest } = readQuery(parts.query);
  const { driver, transport } = readScheme(parts, text);
  const remoteName = name ?? (driver === 'remote' ? '' : formatName(driver, parts, rest));
  if (transport === 'ssh') checkSsh(parameters, command, remoteName);
  const session = parts.path === '/session' || driver === 'test';
  const shared = { text, driver, transport, ...optional('username', parts.username), remoteName, session, parameters };
  if (transport === 'unix') {
    const sockets = findSockets(shared, context);
    return { ...shared, sockets, address: nameSocket(sockets) };
  }
  const endpoint = { host: parts.host ?? 'localhost', port: parts.port ?? PORTS[transport] };
  const user = transport === 'ssh' && parts.username !== undefined ? `${parts.username}@` : '';
  return { ...shared, ...endpoint, sockets: [], address: `${user}${formatEndpoint(endpoint)}` };
}

function readScheme({ scheme, host }: UriParts, text: string): { readonly driver: string; readonly transport: LibvirtTransport } {
  const plus = scheme.indexOf('+');
  const driver = plus < 0 ? scheme : scheme.slice(0, plus);
  if (plus < 0) {
    if (WITHOUT_DAEMON.has(driver.toLowerCase())) throw withoutDaemon(driver);
    return { driver, transport: host === undefined ? 'unix' : 'tls' };
  }
  const word = scheme.slice(plus + 1).toLowerCase();
  if (word === 'ext') throw startsProgram('+ext');
  const transport = Object.hasOwn(TRANSPORTS, word) ? TRANSPORTS[word] : undefined;
  if (transport === undefined) throw uriError(`one with a known transport: ${Object.keys(TRANSPORTS).join(', ')}`, printValue(text));
  if (transport !== 'unix' || host === undefined) return { driver, transport };
  throw uriError('one without a host, since a unix socket is on this machine; +tls, +tcp and +ssh go to others', printValue(text));
}

function checkSocket(socket: string): void {
  if (!socket.startsWith('/')) throw parameterError('socket', 'an absolute path', printValue(socket));
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_BYTES) throw parameterError('socket', `a path of at most ${LONGEST_SOCKET_BYTES} bytes`, printValue(socket));
}

/** virt-ssh-helper finds the socket by itself, takes nothing but the URI of a hypervisor, and does not know a modular daemon from another. */
function checkSsh({ mode, proxy, netcat, socket }: LibvirtUriParameters, command: string | undefined, remoteName: string): void {
  if (command !== undefined) throw startsProgram('command=');
  if (socket !== undefined) checkSocket(socket);
  if (mode === 'direct') throw parameterError('mode', 'auto or legacy over SSH; name the socket of a modular daemon with socket=', printValue(mode));
  if (proxy !== 'native') return;
  const other = (netcat === undefined ? undefined : 'netcat=') ?? (socket === undefined ? undefined : 'socket=');
  if (other !== undefined) throw parameterError('proxy', `auto or netcat together with ${other}`, printValue(proxy));
  if (HYPERVISOR_URI.test(remoteName)) return;
  throw parameterError('proxy', 'auto or netcat for a URI without a hypervisor of its own: virt-ssh-helper needs one', printValue(proxy));
}

function findSockets({ driver, session, parameters }: Pick<LibvirtUri, 'driver' | 'session' | 'parameters'>, context: LibvirtUserContext): readonly string[] {
  const { mode, socket } = parameters;
  if (socket !== undefined) {
    checkSocket(socket);
    return [socket];
  }
  const userId = context.userId ?? process.getuid?.() ?? 0;
  // The super-user has no daemons of its own.
  const folders = session && userId !== 0 ? sessionSocketFolders(userId, context, context.homeDirectory ?? homedir()) : [SYSTEM_SOCKET_FOLDER];
  return candidateSockets(driver, mode, folders);
}

/** With several to look for, libvirtd's is the one that people know. */
function nameSocket(sockets: readonly string[]): string {
  return sockets.find((socket) => socket.endsWith(`/${LEGACY_SOCKET}`)) ?? sockets[0] ?? '';
}

function formatName(driver: string, { path, fragment }: UriParts, rest: string): string {
  const query = rest === '' ? '' : `?${rest}`;
  return `${driver}://${encodePath(path)}${query}${fragment === undefined ? '' : `#${encodeFragment(fragment)}`}`;
}

function formatEndpoint({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function startsProgram(what: string): FerricError {
  return new FerricError('UNSUPPORTED', `${what} starts a program of this machine, and nothing is started here`, {
    details: { parameter: what },
    hint: 'Use +unix with socket=, +ssh, +tls or +tcp.',
  });
}

function withoutDaemon(driver: string): FerricError {
  return new FerricError('UNSUPPORTED', `${driver} is spoken inside libvirt's own library, without a daemon that could be asked`, {
    details: { driver },
    hint: `Let a libvirt daemon do it: ${driver}+tls://host-of-the-daemon/?name=${driver}://…`,
  });
}
