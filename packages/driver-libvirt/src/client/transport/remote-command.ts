import type { LibvirtUri } from '../uri.js';
import { LEGACY_SOCKET, SYSTEM_SOCKET_FOLDER } from '../uri/sockets.js';
import { HYPERVISOR_URI } from '../uri/syntax.js';

const HELPER = 'virt-ssh-helper';

/**
 * The command that connects its standard input and output with the daemon, for the login shell of the user there. The helper of libvirt
 * when it exists there, else netcat; netcat at once when the socket or the netcat to use is named, since the helper takes neither.
 * Source: libvirt 9.0.0, src/rpc/virnetclient.c, virNetClientSSHHelperCommand; src/remote/remote_driver.c, doRemoteOpen.
 */
export function remoteCommand(uri: LibvirtUri): string {
  return `sh -c ${quote(remoteScript(uri))}`;
}

function remoteScript({ remoteName, session, parameters }: LibvirtUri): string {
  const { proxy, netcat, socket } = parameters;
  const helper = `exec ${HELPER} ${quote(remoteName)}`;
  if (proxy === 'native') return helper;
  const byNetcat = netcatScript(netcat ?? 'nc', socket, session);
  if (proxy === 'netcat' || netcat !== undefined || socket !== undefined || !HYPERVISOR_URI.test(remoteName)) return byNetcat;
  return `if command -v ${HELPER} >/dev/null 2>&1; then ${helper}; fi; ${byNetcat}`;
}

/**
 * Some netcats end with their input only when told so by `-q0`, others do not know the option. None of it may read the input, which is
 * meant for the daemon.
 */
function netcatScript(netcat: string, socket: string | undefined, session: boolean): string {
  const program = quote(netcat);
  const run = `if ${program} -q 2>&1 </dev/null | grep "requires an argument" >/dev/null; then exec ${program} -q0 -U "$s"; else exec ${program} -U "$s"; fi`;
  return `${chooseSocket(socket, session)}; ${run}`;
}

/** Where the sockets of a user are is known only there. */
function chooseSocket(socket: string | undefined, session: boolean): string {
  const system = `s=${quote(socket ?? `${SYSTEM_SOCKET_FOLDER}/${LEGACY_SOCKET}`)}`;
  if (socket !== undefined || !session) return system;
  return `${system}; if test "$(id -u)" != 0; then s="\${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/libvirt/${LEGACY_SOCKET}"; fi`;
}

/** One word for a POSIX shell, whatever stands in it. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
