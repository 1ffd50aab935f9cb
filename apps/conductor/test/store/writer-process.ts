// Writes to a store until it is killed. Prints `ready` once it holds the store and `kept <uuid>` after each write that was acknowledged.
import { writeSync } from 'node:fs';
import { openStore } from '../../src/store/open-store.js';
import { newNode, newPort } from './random-nodes.js';

interface WriterSettings {
  readonly databaseUrl?: string;
  readonly dataDirectory?: string;
  readonly hostname: string;
  /** How many writes are under way at a time; 0 only holds the store. */
  readonly writers: number;
}

// Synchronous: what is printed is out of this process, whatever happens to it next.
const print = (line: string): void => void writeSync(1, `${line}\n`);

const settings = JSON.parse(process.argv[2] ?? '{}') as WriterSettings;
const store = await openStore(settings);
print('ready');

async function writeForEver(): Promise<never> {
  for (;;) {
    const node = newNode();
    await store.write(async (transaction) => {
      await transaction.nodes.insert(node);
      await transaction.ports.insert(newPort(node.uuid));
      await transaction.events.append({ nodeUuid: node.uuid, type: 'node-created', severity: 'INFO', message: 'created', details: {}, actor: 'test' });
    });
    print(`kept ${node.uuid}`);
  }
}

setInterval(() => undefined, 60_000);
await Promise.all(Array.from({ length: settings.writers }, writeForEver));
