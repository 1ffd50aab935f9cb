import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Fault, FaultKind } from '@ferric/core';
import { answerAsDone, answerAsFailed, GARBAGE } from './answers.ts';
import { type CutMessage, MessageCutter, REMOTE_PROGRAM, TYPES } from './message-cutter.ts';
import { AUTHENTICATION_PROCEDURES, CHANGES } from './procedures.ts';

/** What a connection tells the proxy, and asks it. */
export interface ConnectionWatcher {
  takeFault(): Fault | undefined;
  /** Whether nothing at all is answered now. */
  isSilent(): boolean;
  called(procedure: number): void;
  answered(): void;
  changed(): void;
  authenticated(): void;
}

interface Exchange {
  readonly fault: Fault | undefined;
  readonly calledAt: number;
}

const DEFAULT_DELAY_MS = 1000;

/** One client with a connection of its own to the daemon. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #daemon: Socket;
  readonly #watcher: ConnectionWatcher;
  readonly #exchanges = new Map<number, Exchange>();
  /** Set once the client shall hear nothing more. */
  #mute = false;
  /** What comes later goes behind it. */
  #held: Promise<void> | undefined;

  constructor(client: Socket, daemon: Socket, watcher: ConnectionWatcher) {
    this.#client = client;
    this.#daemon = daemon;
    this.#watcher = watcher;
    this.#follow(client, daemon, (message) => this.#fromClient(message));
    this.#follow(daemon, client, (message) => this.#fromDaemon(message));
    client.once('close', () => {
      for (const _exchange of this.#exchanges.values()) this.#watcher.answered();
      this.#exchanges.clear();
    });
  }

  /** Ends both sides hard. */
  reset(): void {
    if (this.#client.remoteFamily === undefined) this.#client.destroy();
    else this.#client.resetAndDestroy();
    this.#daemon.destroy();
  }

  async dispose(): Promise<void> {
    const sides = [this.#client, this.#daemon].filter((side) => !side.closed);
    const closed = sides.map((side) => once(side, 'close'));
    for (const side of sides) side.destroy();
    await Promise.all(closed);
  }

  #follow(from: Socket, to: Socket, take: (message: CutMessage) => void): void {
    const cutter = new MessageCutter();
    from.on('data', (chunk: Buffer) => {
      try {
        for (const message of cutter.push(chunk)) take(message);
      } catch {
        this.reset();
      }
    });
    // The other side learns of the end as it came: in good order, or not.
    from.on('end', () => to.end());
    from.on('error', () => undefined);
    from.on('close', () => to.destroySoon());
  }

  #fromClient(message: CutMessage): void {
    if (!isCall(message)) return send(this.#client, this.#daemon, message.bytes);
    const fault = this.#watcher.takeFault();
    const change = CHANGES.get(message.procedure);
    this.#watcher.called(message.procedure);
    if (change !== undefined) this.#watcher.changed();
    if (AUTHENTICATION_PROCEDURES.has(message.procedure)) this.#watcher.authenticated();
    this.#exchanges.set(message.serial, { fault, calledAt: performance.now() });
    if (fault?.kind === 'wrong state' && change?.answer !== undefined) return this.#fromDaemon(asMessage(message, answerAsDone(message, change)));
    if (fault?.kind === 'command failure' && change !== undefined) return this.#fromDaemon(asMessage(message, answerAsFailed(message)));
    send(this.#client, this.#daemon, message.bytes);
  }

  #fromDaemon(message: CutMessage): void {
    const exchange = isReply(message) ? this.#exchanges.get(message.serial) : undefined;
    if (exchange === undefined) return this.#tell(message.bytes);
    this.#exchanges.delete(message.serial);
    this.#watcher.answered();
    const spoil = exchange.fault === undefined ? undefined : SPOILED_ANSWERS[exchange.fault.kind];
    if (spoil !== undefined) return spoil(this.#hands, message.bytes);
    if (exchange.fault?.kind === 'slow') this.#hold(exchange.calledAt + (exchange.fault.delayMs ?? DEFAULT_DELAY_MS) - performance.now());
    this.#tell(message.bytes);
  }

  /** Keeps back what the client is told from now on. */
  #hold(delayMs: number): void {
    if (delayMs <= 0) return;
    const before = this.#held;
    const held = new Promise<void>((resolve) => void setTimeout(resolve, delayMs)).then(() => before);
    this.#held = held;
    void held.then(() => {
      if (this.#held === held) this.#held = undefined;
    });
  }

  #tell(bytes: Buffer): void {
    if (this.#mute || this.#watcher.isSilent()) return;
    if (this.#held === undefined) send(this.#daemon, this.#client, bytes);
    else void this.#held.then(() => send(this.#daemon, this.#client, bytes));
  }

  readonly #hands: Hands = {
    write: (bytes) => this.#tell(bytes),
    end: () => {
      this.#client.end();
      this.#daemon.destroy();
    },
    reset: () => this.reset(),
    mute: () => void (this.#mute = true),
  };
}

/** What a fault can do to a client. */
interface Hands {
  write(bytes: Buffer): void;
  end(): void;
  reset(): void;
  mute(): void;
}

/** What becomes of an answer. */
const SPOILED_ANSWERS: Readonly<Partial<Record<FaultKind, (hands: Hands, answer: Buffer) => void>>> = {
  silence: () => undefined,
  reset: (hands) => hands.reset(),
  close: (hands) => hands.end(),
  'half frame': (hands, answer) => {
    hands.write(answer.subarray(0, answer.length >> 1));
    hands.mute();
  },
  garbage: (hands) => {
    hands.write(GARBAGE);
    hands.mute();
  },
};

function isCall({ type, program }: CutMessage): boolean {
  return (type === TYPES.call || type === TYPES.callWithDescriptors) && program === REMOTE_PROGRAM;
}

function isReply({ type, program }: CutMessage): boolean {
  return (type === TYPES.reply || type === TYPES.replyWithDescriptors) && program === REMOTE_PROGRAM;
}

function asMessage(call: CutMessage, bytes: Buffer): CutMessage {
  return { ...call, type: TYPES.reply, bytes };
}

/** Writes, and lets the source wait while the target cannot take more. */
function send(source: Socket, target: Socket, bytes: Buffer): void {
  if (!target.writable || target.write(bytes)) return;
  source.pause();
  target.once('drain', () => source.resume());
}
