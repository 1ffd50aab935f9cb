import { randomBytes } from 'node:crypto';
import { findTool, requireRoot, run } from './tools.js';

/** A network namespace: interfaces, addresses and routes of its own. */
export interface Namespace {
  /** A command line as it runs inside. */
  command(file: string, ...args: readonly string[]): readonly [file: string, ...args: string[]];
  /** Runs a program inside to its end; yields what it printed. */
  run(file: string, ...args: readonly string[]): Promise<string>;
}

/** One end of a cable. */
export interface CableEnd {
  readonly namespace: Namespace;
  readonly interface: string;
  /** Addresses with prefix length: `192.0.2.1/24`. */
  readonly addresses: readonly string[];
}

/** Machines and cables that exist only in this kernel. Disposing removes everything. */
export interface NetworkLab extends AsyncDisposable {
  namespace(): Promise<Namespace>;
  /** Connects two namespaces, both ends up and with their addresses. */
  cable(one: CableEnd, other: CableEnd): Promise<void>;
}

/** Makes an empty lab. Fails without root or `ip`. */
export function createNetworkLab(): NetworkLab {
  requireRoot();
  const ip = findTool('ip');
  const names = new Map<Namespace, string>();

  const configure = async ({ namespace, interface: name, addresses }: CableEnd): Promise<void> => {
    // Without generated addresses and their detection of duplicates, every address can be used at once.
    await namespace.run(ip, 'link', 'set', name, 'addrgenmode', 'none');
    for (const address of addresses) {
      await namespace.run(ip, 'address', 'add', address, ...(address.includes(':') ? ['nodad'] : ['broadcast', '+']), 'dev', name);
    }
    await namespace.run(ip, 'link', 'set', name, 'up');
  };

  return {
    async namespace() {
      const name = `ferric-wol-${randomBytes(4).toString('hex')}`;
      const command: Namespace['command'] = (file, ...args) => [ip, 'netns', 'exec', name, file, ...args];
      const made: Namespace = { command, run: (file, ...args) => run(...command(file, ...args)) };
      await run(ip, 'netns', 'add', name);
      names.set(made, name);
      await made.run(ip, 'link', 'set', 'lo', 'up');
      return made;
    },
    async cable(one, other) {
      const [first = '', second = ''] = [one, other].map((end) => names.get(end.namespace));
      await run(ip, 'link', 'add', 'name', one.interface, 'netns', first, 'type', 'veth', 'peer', 'name', other.interface, 'netns', second);
      await configure(one);
      await configure(other);
    },
    async [Symbol.asyncDispose]() {
      const results = await Promise.allSettled([...names.values()].map((name) => run(ip, 'netns', 'delete', name)));
      names.clear();
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
