import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface PythonOrder {
  readonly measure: 'states' | 'bulk';
  readonly uri: string;
  readonly domain_uuids: readonly string[];
  readonly seconds: number;
  readonly threads: number;
}

/** Debian's python3-libvirt in a process of its own, which keeps running from one order to the next. */
export interface PythonPeer extends AsyncDisposable {
  measure(order: PythonOrder): Promise<Readonly<Record<string, number>>>;
}

/** The binding belongs to Debian's interpreter, not to one that stands before it in the path. */
const INTERPRETER = '/usr/bin/python3';

export function startPythonPeer(): PythonPeer {
  const child = spawn(INTERPRETER, [fileURLToPath(new URL('python-peer.py', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async measure(order) {
      child.stdin.write(`${JSON.stringify(order)}\n`);
      const line = await lines.next();
      if (line.done === true) throw new Error('python3-libvirt ended without a result; is the Debian package installed?');
      return JSON.parse(line.value) as Record<string, number>;
    },
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
