import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { findTool, requireRoot } from './tools.ts';

/** One place of the file system as the processes inside see it. */
export interface Mount {
  readonly at: string;
  /** A folder, or a file, that stands there instead. Default: an empty folder in memory. */
  readonly from?: string;
}

export interface NamespacesOptions {
  /** Starts the sentence when root is missing: `A private libvirtd`. */
  readonly what: string;
  /** In this order. A folder that is missing is made, so mount memory above it first. */
  readonly mounts: readonly Mount[];
  /** Start from the mounts of these. Default: those of this process. */
  readonly within?: Namespaces;
  /** Also a network of its own, with nothing but a loopback interface. Default false. */
  readonly network?: boolean;
  /** Folder that goes away with the namespaces. */
  readonly remove?: string;
}

/**
 * Processes that see their own mounts and only each other. The kernel ends all of them when the first does, and that one ends
 * when the pipe to this process closes: nothing stays behind, however this process ends.
 */
export interface Namespaces extends AsyncDisposable {
  /** The first process, as this process sees it. */
  readonly pid: number;
  /** A command line that runs inside. */
  command(file: string, ...args: readonly string[]): readonly [file: string, ...args: string[]];
  /** A command line that runs with only the mounts. Its process is seen from outside, and must be ended by whoever starts it. */
  mountCommand(file: string, ...args: readonly string[]): readonly [file: string, ...args: string[]];
  /** How this process sees a process that was started inside and has lost its parent. Fails when it is gone. */
  outerPid(innerPid: number): number;
  /** A command line that runs with only the network. */
  networkCommand(file: string, ...args: readonly string[]): readonly [file: string, ...args: string[]];
}

/**
 * The first process inside. It takes over the processes that lose their parent and notes their ends at once, while it waits for the end of its
 * input: libvirt waits for that note whenever it stops a machine, and the first process of a container may take seconds, or never do it.
 */
const FIRST_PROCESS = `
folder=$1; network=$2; shift 2
while [ $# -gt 0 ]; do
  [ -e "$2" ] || mkdir -p "$2"
  if [ "$1" = memory ]; then mount -t tmpfs -o mode=755 tmpfs "$2"; else mount --bind "$1" "$2"; fi
  shift 2
done
mount -t proc proc /proc
if [ "$network" = own ]; then ip link set lo up; fi
echo ready
cat >/dev/null
kill -9 -1 || true
while kill -0 -1 2>/dev/null; do sleep 0.01; done
if [ -n "$folder" ]; then rm -rf "$folder"; fi
exit 0
`;

/** Makes namespaces. Fails without root, and with what the system said when it does not allow them. */
export async function startNamespaces(options: NamespacesOptions): Promise<Namespaces> {
  requireRoot(options.what);
  const { network = false, remove = '', mounts, within } = options;
  if (network) findTool('ip');
  const command = [
    findTool('unshare'), '--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private', ...(network ? ['--net'] : []),
    '/bin/sh', '-ec', FIRST_PROCESS, 'namespaces', remove, network ? 'own' : 'shared', ...mounts.flatMap(({ at, from = 'memory' }) => [from, at]),
  ] as const;
  const [file, ...args] = within === undefined ? command : within.mountCommand(...command);
  // A group of its own: an interrupt from the terminal ends this process, and that ends the namespaces in good order.
  const child = spawn(file, args, { stdio: 'pipe', detached: true });
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  let said = '';
  const ready = Promise.withResolvers<void>();
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes('ready\n')) ready.resolve();
  });
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const dispose = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  try {
    await Promise.race([ready.promise, ended.then(() => Promise.reject(new Error(`${options.what} could not get namespaces of its own: ${said}`)))]);
    const [pid = 0] = childrenOf(child.pid ?? 0);
    const enter = (...kinds: readonly string[]) => (inner: string, ...rest: readonly string[]): readonly [string, ...string[]] =>
      [findTool('nsenter'), '--target', String(pid), ...kinds, '--', inner, ...rest];
    return {
      pid,
      command: enter('--mount', '--root', '--pid', ...(network ? ['--net'] : [])),
      mountCommand: enter('--mount', '--root'),
      outerPid(innerPid) {
        const found = childrenOf(pid).find((each) => innerPidOf(each) === innerPid);
        if (found === undefined) throw new Error(`Process ${innerPid} of the namespaces is gone`);
        return found;
      },
      networkCommand: network ? enter('--net') : (inner, ...rest) => [inner, ...rest],
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Source: proc(5), /proc/pid/task/tid/children. */
function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((each) => each !== '').map(Number);
}

/** How a process is called in the innermost of its namespaces. Source: proc(5), /proc/pid/status, NSpid. */
function innerPidOf(pid: number): number {
  const [, pids = ''] = /^NSpid:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(pids.split(/\s+/).at(-1));
}
