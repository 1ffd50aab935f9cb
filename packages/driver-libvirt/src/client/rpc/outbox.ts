import type { Duplex } from 'node:stream';
import type { SecurityLayer } from '../sasl/mechanism.js';

/** More than this in one turn is not joined: copying would cost more than a second write. */
const LARGEST_JOINED_BYTES = 65_536;

/** So much in one turn, and whoever can wait should. */
const FULL_BYTES = 262_144;

/** Collects what is sent within one turn of the event loop and writes it at once, no faster than the other side reads. */
export interface Outbox {
  /** Takes a whole message. Those who can wait look at {@link Outbox.ready} first. */
  send(message: Buffer): void;
  /** False while the stream has enough to do. */
  readonly ready: boolean;
  /** Calls back once, as soon as it is ready again, after those who asked before. Dispose to stop. */
  whenReady(callback: () => void): Disposable;
  /** Everything sent from here on goes through the layer. */
  secure(layer: SecurityLayer): void;
  /** Sends nothing more, not even what was collected. */
  close(): void;
}

/**
 * @param onReady called each time the stream can take more, before those of {@link Outbox.whenReady}
 * @param separately each message in a write of its own, the next when the stream has taken it
 */
export function createOutbox(stream: Duplex, onReady: () => void, separately = false): Outbox {
  const waiting = new Set<() => void>();
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let scheduled = false;
  let blocked = false;
  let closed = false;
  let layer: SecurityLayer | undefined;

  const isReady = (): boolean => !closed && !blocked && batchBytes < FULL_BYTES;

  const write = (messages: readonly Buffer[], bytes: number): boolean => {
    const [first] = messages;
    if (messages.length === 1 && first !== undefined) return stream.write(layer === undefined ? first : layer.wrap(first));
    if (layer !== undefined) return stream.write(layer.wrap(Buffer.concat(messages, bytes)));
    if (bytes <= LARGEST_JOINED_BYTES) return stream.write(Buffer.concat(messages, bytes));
    stream.cork();
    for (const message of messages) stream.write(message);
    stream.uncork();
    return !stream.writableNeedDrain;
  };

  const flush = (): void => {
    scheduled = false;
    if (closed || batch.length === 0 || (separately && blocked)) return;
    const messages = batch;
    const bytes = batchBytes;
    batch = [];
    batchBytes = 0;
    if (separately) {
      blocked = true;
      writeNext(messages, 0);
      return;
    }
    blocked = !write(messages, bytes) || stream.writableNeedDrain;
    wake();
  };

  /** A stream joins what it cannot write at once, so each message waits until the one before is out of its hands. */
  const writeNext = (messages: readonly Buffer[], index: number): void => {
    const message = messages[index];
    if (closed) return;
    if (message !== undefined) {
      stream.write(layer === undefined ? message : layer.wrap(message), (error) => {
        if (error === null || error === undefined) writeNext(messages, index + 1);
      });
      return;
    }
    blocked = false;
    if (batch.length > 0) flush();
    else wake();
  };

  const wake = (): void => {
    if (isReady()) onReady();
    for (const callback of waiting) {
      if (!isReady()) return;
      waiting.delete(callback);
      callback();
    }
  };

  const onDrain = (): void => {
    if (separately) return;
    blocked = false;
    wake();
  };
  stream.on('drain', onDrain);

  return {
    send(message) {
      if (closed) return;
      batch.push(message);
      batchBytes += message.length;
      if (scheduled) return;
      scheduled = true;
      // Runs after the promises of this turn, so that their calls share one write.
      process.nextTick(flush);
    },
    get ready() {
      return isReady();
    },
    whenReady(callback) {
      waiting.add(callback);
      return { [Symbol.dispose]: () => void waiting.delete(callback) };
    },
    secure(next) {
      flush();
      layer = next;
    },
    close() {
      closed = true;
      batch = [];
      batchBytes = 0;
      waiting.clear();
      stream.off('drain', onDrain);
    },
  };
}
