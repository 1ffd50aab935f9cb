import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Fault, FaultKind, Timer } from '@ferric/core';
import type { Host } from '../host/host.js';
import { encodeFrame, type Frame, FrameSplitter, FramingFault, KEEP_ALIVE, MESSAGE_TYPE, PROGRAM, STATUS, VERSION } from '../wire/frames.js';
import { RemoteError } from '../wire/remote-error.js';
import { XdrReader } from '../wire/xdr.js';
import { admit, type Answer, canSpoil, carryOut } from './exchange.js';
import { KeepAlive } from './keep-alive.js';
import type { ProcedureTable } from './procedure.js';
import { Session } from './session.js';
import { type StreamKey, Streams } from './streams.js';

const DEFAULT_DELAY_MS = 1000;
/** Calls that may wait for their turn before nothing more is read. */
const MOST_WAITING = 256;
/** A client that reads so little that this much waits for it is cut off. Bytes. */
const MOST_UNREAD_BYTES = 128 * 1024 * 1024;
/** No answer of libvirt begins like this: read as a length, it is more than a gigabyte. */
const GARBAGE = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n';

/** One client at its socket: frames in and out, turns of calls, faults, streams, events and signs of life. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #host: Host;
  readonly #procedures: ProcedureTable;
  readonly #splitter = new FrameSplitter();
  readonly #session: Session;
  readonly #streams: Streams;
  readonly #keepAlive: KeepAlive;
  readonly #waiting: Frame[] = [];
  readonly #late = new Set<Timer>();
  /** Calls that take one of the daemon's workers. */
  #working = 0;
  /** Calls that came and were not answered. */
  #unanswered = 0;
  /** Half an answer is out: nothing else may follow it. */
  #isStuck = false;
  #endsAfterAnswer = false;

  constructor(socket: Socket, host: Host, procedures: ProcedureTable, isPrivate: boolean) {
    this.#socket = socket;
    this.#host = host;
    this.#procedures = procedures;
    this.#keepAlive = new KeepAlive(host.settings.keepAlive, host.clock, {
      ping: () => this.#sendMessage(PROGRAM.keepAlive, KEEP_ALIVE.ping),
      giveUp: () => void socket.destroy(),
    });
    this.#session = new Session(host, {
      isPrivate,
      deliverEvent: (procedure, payload) => this.#sendMessage(PROGRAM.remote, procedure, payload),
      startKeepAlive: () => this.#keepAlive.start(),
      hasRoomForStream: () => !this.#streams.isFull,
      endAfterAnswer: () => void (this.#endsAfterAnswer = true),
    });
    this.#streams = new Streams({
      sendPacket: (key, status, payload) => this.#sendPacket(key, STATUS[status], payload),
      room: () => this.#room(),
    });
    socket.setNoDelay(true);
    // What fails on a socket ends it, and its end is all that matters here.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#clean());
    socket.on('drain', () => this.#readOn());
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  #clean(): void {
    this.#isStuck = true;
    this.#waiting.length = 0;
    this.#host.activity.endExchange(this.#unanswered);
    this.#unanswered = 0;
    for (const timer of this.#late) timer[Symbol.dispose]();
    this.#late.clear();
    this.#keepAlive[Symbol.dispose]();
    this.#streams[Symbol.dispose]();
    this.#session[Symbol.dispose]();
  }

  #receive(chunk: Buffer): void {
    if (this.#isStuck) return;
    this.#splitter.push(chunk);
    this.#keepAlive.signOfLife();
    try {
      for (let frame = this.#splitter.next(); frame !== undefined && !this.#isStuck; frame = this.#splitter.next()) this.#take(frame);
    } catch (error) {
      if (!(error instanceof FramingFault)) throw error;
      this.#socket.destroy();
    }
    this.#work();
    if (this.#waiting.length > MOST_WAITING) this.#socket.pause();
  }

  #readOn(): void {
    if (this.#waiting.length <= MOST_WAITING) this.#socket.resume();
  }

  #take(frame: Frame): void {
    if (frame.program === PROGRAM.keepAlive) {
      if (frame.type === MESSAGE_TYPE.message && frame.procedure === KEEP_ALIVE.ping) this.#sendMessage(PROGRAM.keepAlive, KEEP_ALIVE.pong);
    } else if (frame.type === MESSAGE_TYPE.call) {
      this.#unanswered += 1;
      this.#host.activity.beginExchange(frame.procedure);
      this.#waiting.push(frame);
    } else if (frame.type === MESSAGE_TYPE.stream) this.#takePacket(frame);
    else if (frame.type === MESSAGE_TYPE.streamHole) this.#takeHole(frame);
    // File descriptors cannot be taken from a socket of Node.
    else if (frame.type === MESSAGE_TYPE.callWithDescriptors) this.#socket.destroy();
  }

  #takePacket(frame: Frame): void {
    if (frame.status !== STATUS.continue) this.#streams.finish(frame);
    else if (frame.payload.length > 0) this.#streams.receive(frame, (end) => end.receive(frame.payload));
  }

  #takeHole(frame: Frame): void {
    if (frame.payload.length < 8) return;
    const bytes = new XdrReader(frame.payload).hyper();
    this.#streams.receive(frame, (end) => end.skip?.(bytes));
  }

  /** Gives waiting calls to free workers. */
  #work(): void {
    while (!this.#isStuck && this.#working < this.#host.settings.maxClientRequests) {
      const frame = this.#waiting.shift();
      if (frame === undefined) break;
      this.#working += 1;
      this.#begin(frame);
    }
    if (!this.#socket.writableNeedDrain) this.#readOn();
  }

  #begin(frame: Frame): void {
    const procedure = admit(frame, this.#procedures, this.#session);
    if (!(procedure instanceof RemoteError) && procedure.changes === 'machine') this.#host.activity.changeCommands += 1;
    const fault = this.#host.faults.take((kind) => canSpoil(kind, procedure));
    const run = (): Answer => carryOut(frame, procedure, this.#session, fault);
    const spoil = fault === undefined ? undefined : this.#spoilers[fault.kind];
    if (spoil === undefined || fault === undefined) this.#answer(frame, run());
    else spoil(frame, run, fault);
  }

  /** Faults below the answer: how each spoils an exchange. A command whose connection goes is not carried out. */
  readonly #spoilers: Readonly<Partial<Record<FaultKind, (frame: Frame, run: () => Answer, fault: Fault) => void>>> = {
    silence: (_frame, run) => {
      run();
      this.#working -= 1;
    },
    reset: () => this.#reset(),
    close: () => {
      this.#isStuck = true;
      this.#socket.destroySoon();
    },
    'half frame': (frame, run) => {
      const whole = replyFrame(frame, run());
      this.#write(whole.subarray(0, whole.length / 2));
      this.#isStuck = true;
    },
    garbage: () => {
      this.#write(Buffer.from(GARBAGE));
      this.#isStuck = true;
    },
    slow: (frame, run, fault) => {
      const answer = run();
      const timer = this.#host.clock.after(fault.delayMs ?? DEFAULT_DELAY_MS, () => {
        this.#late.delete(timer);
        this.#answer(frame, answer);
        this.#work();
      });
      this.#late.add(timer);
    },
  };

  #reset(): void {
    this.#isStuck = true;
    // Unix sockets know no reset.
    if (this.#session.link.isPrivate) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #answer(frame: Frame, answer: Answer): void {
    this.#working -= 1;
    if (this.#unanswered === 0) return;
    this.#unanswered -= 1;
    this.#host.activity.endExchange();
    this.#write(replyFrame(frame, answer));
    if (answer.stream !== undefined) this.#streams.open(frame, answer.stream);
    if (!this.#endsAfterAnswer) return;
    this.#isStuck = true;
    this.#socket.destroySoon();
  }

  #sendMessage(program: number, procedure: number, payload?: Buffer): void {
    if (this.#host.faults.isSilent) return;
    this.#write(encodeFrame({ program, version: VERSION, procedure, type: MESSAGE_TYPE.message, serial: 0, status: STATUS.ok }, payload));
  }

  #sendPacket({ procedure, serial }: StreamKey, status: number, payload?: Uint8Array): boolean {
    if (this.#host.faults.isSilent) return false;
    return this.#write(encodeFrame({ program: PROGRAM.remote, version: VERSION, procedure, type: MESSAGE_TYPE.stream, serial, status }, payload));
  }

  #write(bytes: Buffer): boolean {
    if (this.#isStuck || this.#socket.destroyed) return false;
    // Who does not take answers gets to ask no more questions.
    if (!this.#socket.write(bytes)) this.#socket.pause();
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) this.#socket.destroy();
    return true;
  }

  async #room(): Promise<void> {
    if (!this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    const gone = new AbortController();
    const closed = (): void => gone.abort();
    this.#socket.once('close', closed);
    try {
      await once(this.#socket, 'drain', { signal: gone.signal });
    } catch {
      // The connection is gone; whoever waits sees that by its stream.
    } finally {
      this.#socket.off('close', closed);
    }
  }
}

function replyFrame({ program, version, procedure, serial }: Frame, { status, payload }: Answer): Buffer {
  return encodeFrame({ program, version, procedure, type: MESSAGE_TYPE.reply, serial, status }, payload);
}
