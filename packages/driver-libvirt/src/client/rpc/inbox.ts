import type { Duplex } from 'node:stream';
import type { SecurityLayer } from '../sasl/mechanism.js';
import { HEADER_BYTES, type Message, MessageAssembler } from '../wire/message.js';

export interface InboxListener {
  /** One whole message. What it throws ends the reading. */
  message(message: Message): void;
  /** Something arrived and was taken, were it only a part of a message, or it can arrive again. */
  heard(): void;
  /** Something arrived that cannot be read, or {@link InboxListener.message} threw. Nothing more is read. */
  fault(error: unknown): void;
}

/** Cuts what the daemon sends into messages. */
export interface Inbox {
  /** True in the middle of a message. */
  readonly pending: boolean;
  /** True while somebody holds it. */
  readonly held: boolean;
  /** Takes nothing from the stream until all holders have let go: the other side then has to wait. */
  hold(holder: object): void;
  letGo(holder: object): void;
  /** Everything behind the message that is being handled comes through the layer, also what has arrived already. */
  secure(layer: SecurityLayer): void;
  close(): void;
}

export function createInbox(stream: Duplex, listener: InboxListener): Inbox {
  const holders = new Set<object>();
  let assembler = new MessageAssembler();
  let layer: SecurityLayer | undefined;
  let closed = false;
  /** Bytes of an unfinished message. */
  let unfinished = 0;

  /** Gives the bytes that were behind a message whose handler switched the layer on. */
  const feed = (bytes: Buffer): Buffer | undefined => {
    const layerBefore = layer;
    unfinished += bytes.length;
    for (const message of assembler.push(bytes)) {
      unfinished -= HEADER_BYTES + message.payload.length;
      listener.message(message);
      if (closed) return undefined;
      if (layer !== layerBefore) {
        // What is left stands at the end of these bytes, since they completed the message.
        const rest = bytes.subarray(bytes.length - unfinished);
        assembler = new MessageAssembler();
        unfinished = 0;
        return rest;
      }
    }
    return undefined;
  };

  const receive = (chunk: Buffer): void => {
    try {
      let rest: Buffer | undefined = chunk;
      while (rest !== undefined && rest.length > 0) rest = feed(layer === undefined ? rest : layer.unwrap(rest));
      if (!closed) listener.heard();
    } catch (error) {
      listener.fault(error);
    }
  };

  stream.on('data', receive);

  return {
    get pending() {
      return unfinished > 0;
    },
    get held() {
      return holders.size > 0;
    },
    hold(holder) {
      holders.add(holder);
      stream.pause();
    },
    letGo(holder) {
      if (!holders.delete(holder) || holders.size > 0 || closed) return;
      listener.heard();
      stream.resume();
    },
    secure(next) {
      layer = next;
    },
    close() {
      closed = true;
      holders.clear();
      stream.off('data', receive);
    },
  };
}
