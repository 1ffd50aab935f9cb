import { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/scripted-daemon.js';
import { createOutbox } from './outbox.js';

/** What reached the other side, write by write: a stream joins what it is given while it writes, as a socket does. */
let writes: string[];
let stream: Duplex;
let taken: () => void;

beforeEach(() => {
  writes = [];
  stream = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      writes.push(chunk.toString());
      taken = done;
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      taken = done;
    },
  });
});

afterEach(() => void stream.destroy());

const send = (outbox: { send(message: Buffer): void }, ...texts: readonly string[]): void => {
  for (const text of texts) outbox.send(Buffer.from(text));
};

async function takeAll(): Promise<void> {
  for (let count = -1; count < writes.length; ) {
    count = writes.length;
    taken();
    await settle();
  }
}

describe('messages of one turn', () => {
  it('share one write', async () => {
    const outbox = createOutbox(stream, () => undefined);
    send(outbox, 'one', 'two', 'three');
    await settle();
    expect(writes).toEqual(['onetwothree']);
  });

  it('have a write each where the daemon needs it, in their order, also those that come meanwhile', async () => {
    let ready = 0;
    const outbox = createOutbox(stream, () => (ready += 1), true);
    send(outbox, 'one', 'two');
    await settle();
    expect([writes, outbox.ready, ready]).toEqual([['one'], false, 0]);
    send(outbox, 'three', 'four');
    await settle();
    await takeAll();
    expect(writes).toEqual(['one', 'two', 'three', 'four']);
    expect(outbox.ready).toBe(true);
    expect(ready).toBeGreaterThan(0);
    send(outbox, 'five');
    await settle();
    expect(writes.at(-1)).toBe('five');
  });

  it('are not sent any more once it is closed', async () => {
    const outbox = createOutbox(stream, () => undefined, true);
    send(outbox, 'one', 'two');
    await settle();
    outbox.close();
    await takeAll();
    expect(writes).toEqual(['one']);
  });
});
