import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { findFreeUdpPort } from '../system/free-ports.ts';
import { findFile } from '../system/tools.ts';

/** The server of pyghmi, OpenStack's IPMI library: a BMC with cipher suite 3, power and boot device, and nothing more. */
export interface PyghmiBmc extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** What it told of itself so far, oldest first: `{ order: 'on', power: 'on' }`, `{ boot_device: 'network' }`. */
  readonly told: readonly Readonly<Record<string, string>>[];
}

/** The binding belongs to Debian's interpreter, not to one that stands before it in the path. */
const INTERPRETER = '/usr/bin/python3';
const PROGRAM = fileURLToPath(new URL('files/pyghmi_bmc.py', import.meta.url));

/** Starts it on 127.0.0.1. Fails with the name of a Debian package that is missing. */
export async function startPyghmiBmc(): Promise<PyghmiBmc> {
  findFile('python3-pyghmi', '/usr/lib/python3/dist-packages/pyghmi/ipmi/bmc.py');
  const settings = { host: '127.0.0.1', port: await findFreeUdpPort(), username: 'admin', password: 'secret' };
  const child = spawn(INTERPRETER, [PROGRAM, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  child.stdin.on('error', () => undefined);
  const told: Readonly<Record<string, string>>[] = [];
  const ready = Promise.withResolvers<void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const facts = JSON.parse(line) as Readonly<Record<string, string>>;
    if ('ready' in facts) ready.resolve();
    else told.push(facts);
  });
  await Promise.race([ready.promise, ended.then(() => Promise.reject(new Error("pyghmi's BMC ended at once")))]);
  return {
    ...settings,
    told,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
