import { FerricError } from '@ferric/core';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { PullQueue } from '../src/client/pull-queue.js';
import { encodePacket } from '../src/client/rpc/packet.js';
import { encodeMessage, type Message, MESSAGE_STATUSES, MESSAGE_TYPES, MessageAssembler, type MessageHeader } from '../src/client/wire/message.js';
import { PROGRAMS } from '../src/client/wire/procedure.js';
import { type RemoteError, remoteError } from '../src/client/wire/remote-error.js';
import type { XdrWriter } from '../src/client/wire/xdr.js';

type Write = (writer: XdrWriter) => void;

/** The daemon's end of a connection, played by a test: it says what it is told, and nothing else. */
export class ScriptedDaemon {
  readonly stream: Duplex;
  /** Everything that has arrived. */
  readonly received: Message[] = [];
  readonly #arrived = new PullQueue<Message>();
  readonly #answers = new Map<number, (message: Message) => void>();

  constructor(stream: Duplex) {
    this.stream = stream;
    const assembler = new MessageAssembler();
    stream.on('data', (chunk: Buffer) => {
      for (const message of assembler.push(chunk)) this.#receive(message);
    });
    stream.on('error', () => undefined);
    stream.on('close', () => this.#arrived.end());
  }

  /** Answers every call of this procedure, which {@link ScriptedDaemon.next} then does not give. */
  answer(procedure: number, answer: (message: Message) => void): this {
    this.#answers.set(procedure, answer);
    return this;
  }

  /** The next message, in the order of arrival. */
  async next(): Promise<Message> {
    const { done, value } = await this.#arrived.next();
    if (done === true) throw new Error('The client has closed the connection');
    return value;
  }

  async take(count: number): Promise<Message[]> {
    const messages: Message[] = [];
    while (messages.length < count) messages.push(await this.next());
    return messages;
  }

  write(...bytes: readonly Uint8Array[]): void {
    this.stream.write(Buffer.concat(bytes));
  }

  reply(call: Message, write?: Write): void {
    this.write(replyTo(call, write));
  }

  refuse(call: Message, code: number, text: string | null = 'no'): void {
    this.write(refusalOf(call, code, text));
  }

  packet(call: Message, status: number, data: Uint8Array = new Uint8Array()): void {
    this.write(packetOf(call, status, data));
  }

  event(procedure: number, write: Write): void {
    this.write(eventMessage(procedure, write));
  }

  #receive(message: Message): void {
    this.received.push(message);
    const answer = message.type === MESSAGE_TYPES.call ? this.#answers.get(message.procedure) : undefined;
    if (answer === undefined) this.#arrived.push(message);
    else answer(message);
  }
}

export function replyTo(call: MessageHeader, write?: Write): Buffer {
  return encodeMessage({ ...call, type: MESSAGE_TYPES.reply, status: MESSAGE_STATUSES.ok }, write);
}

function refusalOf(call: MessageHeader, code: number, text: string | null): Buffer {
  return encodeMessage({ ...call, type: MESSAGE_TYPES.reply, status: MESSAGE_STATUSES.error }, (writer) => remoteError.write(writer, errorOf(code, text)));
}

export function packetOf(call: MessageHeader, status: number, data: Uint8Array = new Uint8Array()): Buffer {
  return encodePacket({ ...call, type: MESSAGE_TYPES.stream, status }, data);
}

export function errorPacketOf(call: MessageHeader, code: number, text: string): Buffer {
  return encodeMessage({ ...call, type: MESSAGE_TYPES.stream, status: MESSAGE_STATUSES.error }, (writer) => remoteError.write(writer, errorOf(code, text)));
}

export function eventMessage(procedure: number, write: Write): Buffer {
  return encodeMessage({ program: PROGRAMS.remote, procedure, type: MESSAGE_TYPES.event, serial: 0, status: 0 }, write);
}

function errorOf(code: number, message: string | null): RemoteError {
  return {
    code,
    domain: 10,
    message,
    level: 2,
    domainObject: null,
    string1: null,
    string2: null,
    string3: null,
    integer1: 0,
    integer2: 0,
    networkObject: null,
  };
}

/** Lets everything go on that waits for nothing but its turn, streams in memory included. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
}

/** Daemons on a free port of 127.0.0.1, one for each connection. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #accepted = new PullQueue<ScriptedDaemon>();
  #connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param greet called with each connection before anything of it is read */
  static async start(greet: (daemon: ScriptedDaemon) => void = () => undefined, port = 0): Promise<ScriptedServer> {
    const server = createServer();
    const scripted = new ScriptedServer(server);
    server.on('connection', (socket) => {
      scripted.#connections += 1;
      scripted.#sockets.add(socket);
      socket.on('close', () => scripted.#sockets.delete(socket));
      const daemon = new ScriptedDaemon(socket);
      greet(daemon);
      scripted.#accepted.push(daemon);
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#connections;
  }

  get open(): number {
    return this.#sockets.size;
  }

  /** The next connection. */
  async accept(): Promise<ScriptedDaemon> {
    const { value } = await this.#accepted.next();
    if (value === undefined) throw new Error('The server is closed');
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Answers like a daemon that asks for no password and knows pings. */
export function greetFreely(daemon: ScriptedDaemon): ScriptedDaemon {
  return daemon
    .answer(66, (call) => daemon.reply(call, (writer) => writer.uint32(0)))
    .answer(60, (call) => daemon.reply(call, (writer) => writer.int32(1)))
    .answer(1, (call) => daemon.reply(call))
    .answer(2, (call) => daemon.reply(call));
}

/** What a promise rejects with, provided that it is a FerricError. */
export async function failure(promise: Promise<unknown>): Promise<FerricError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  if (!FerricError.is(error)) throw new Error(`Expected a FerricError, got ${String(error)}`);
  return error;
}

/** How many listeners for "abort" there are on a signal. */
export function countListeners(signal: AbortSignal): () => number {
  let count = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = ((...args: Parameters<typeof addEventListener>) => {
    count += 1;
    addEventListener.apply(signal, args);
  }) as typeof addEventListener;
  signal.removeEventListener = ((...args: Parameters<typeof removeEventListener>) => {
    count -= 1;
    removeEventListener.apply(signal, args);
  }) as typeof removeEventListener;
  return () => count;
}
