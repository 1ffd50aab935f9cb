import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { delay, type Fault, type FaultKind, type FaultSwitchboard } from '@ferric/core';
import { type DxpCommandRequest, parseRequest } from './dxp-request.js';
import type { IbootUnitBehaviour } from './unit-options.js';
import type { Relays } from './unit-state.js';

/** A unit as one of its clients meets it. */
export interface ServedUnit {
  readonly username: string;
  readonly password: string;
  readonly behaviour: Readonly<IbootUnitBehaviour>;
  readonly relays: Relays;
  readonly faults: FaultSwitchboard;
  /** The sequence number for a client that says hello. */
  helloSequence(): number;
  say(line: string): void;
  /** Counts an exchange until the result is disposed. */
  beginExchange(): Disposable;
  countCommand(isChange: boolean): void;
}

/** More than this without a whole request is nonsense. */
const REQUEST_LIMIT = 4096;
const DEFAULT_DELAY_MS = 1000;

/** What an older model answers to whatever it is sent. Its prompt begins with ESC. */
const TEXT_ANSWER = Buffer.from('\u001BiBoot>\r\n', 'latin1');

const GARBAGE = Buffer.from('de07ffee2a9903', 'hex');

/** Faults below the protocol: how each spoils an answer. An answer that nobody asks for is a command that is not carried out. */
const BROKEN_ANSWERS: Readonly<Partial<Record<FaultKind, (socket: Socket, answer: () => Uint8Array) => void>>> = {
  silence: (_socket, answer) => void answer(),
  reset: (socket) => void socket.resetAndDestroy(),
  close: (socket) => void socket.end(),
  'half frame'(socket, answer) {
    const whole = answer();
    socket.write(whole.subarray(0, Math.floor(whole.length / 2)));
  },
  garbage: (socket) => void socket.write(GARBAGE),
};

/** Serves one client until it leaves or is sent away. Never rejects. */
export async function serveClient(socket: Socket, unit: ServedUnit): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => undefined);
  socket.once('close', () => gone.abort());
  const client = createClient(socket, unit, gone.signal);
  let received: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      received = Buffer.concat([received, chunk as Buffer]);
      for (let parsed = parseRequest(received); parsed !== undefined; parsed = parseRequest(received)) {
        received = parsed.rest;
        const { request } = parsed;
        if (request.kind === 'hello') await client.hello();
        else if (request.kind === 'command') await client.command(request);
        else return client.sendAway('nonsense');
      }
      if (received.length > REQUEST_LIMIT) return client.sendAway('too much without a request');
    }
  } catch (error) {
    if (!gone.signal.aborted && !socket.destroyed) throw error;
  } finally {
    client.end();
  }
}

interface Client {
  hello(): Promise<void>;
  command(request: DxpCommandRequest): Promise<void>;
  sendAway(why: string): void;
  end(): void;
}

function createClient(socket: Socket, unit: ServedUnit, gone: AbortSignal): Client {
  const { behaviour } = unit;
  /** Exchanges that were not answered: they last as long as the client waits. */
  const unanswered: Disposable[] = [];
  /** The number that the next command must carry; undefined before hello. */
  let expected: number | undefined;

  const write = async (bytes: Uint8Array): Promise<void> => {
    if (behaviour.splitBytesMs === 0) return void socket.write(bytes);
    for (const [index, byte] of bytes.entries()) {
      if (index > 0) await delay(behaviour.splitBytesMs, { signal: gone });
      socket.write(Uint8Array.of(byte));
    }
  };

  /** Answers, unless a fault spoils it. */
  const answer = async (fault: Fault | undefined, make: () => Uint8Array): Promise<void> => {
    const exchange = unit.beginExchange();
    const spoil = fault === undefined ? undefined : BROKEN_ANSWERS[fault.kind];
    if (spoil !== undefined) {
      unanswered.push(exchange);
      return spoil(socket, make);
    }
    try {
      if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_DELAY_MS, { signal: gone });
      await write(make());
    } finally {
      exchange[Symbol.dispose]();
    }
  };

  const sendAway = (why: string): void => {
    unit.say(`${why}: the connection is closed`);
    socket.end();
  };

  const refuse = (how: 'close' | 'silence', why: string): void => {
    if (how === 'close') return sendAway(why);
    unit.say(`${why}: no answer`);
    unanswered.push(unit.beginExchange());
  };

  return {
    async hello() {
      unit.say('hello');
      await answer(unit.faults.take(), () => {
        if (behaviour.mode === 'text') return TEXT_ANSWER;
        if (behaviour.mode === 'encrypted') return randomBytes(16);
        const sequence = unit.helloSequence();
        expected = (sequence + 1) & 0xff_ff;
        return Uint8Array.of(sequence & 0xff, sequence >> 8);
      });
    },
    async command(request) {
      const isChange = request.command === 3 && request.descriptor !== 4;
      unit.countCommand(isChange);
      const fault = unit.faults.take();
      if (expected === undefined) return sendAway('a command before hello');
      if (request.username !== unit.username || request.password !== unit.password) return refuse(behaviour.onWrongCredentials, 'wrong user name or password');
      if (request.sequence !== expected && behaviour.onWrongSequence !== 'accept') {
        return refuse(behaviour.onWrongSequence, `sequence number ${request.sequence} instead of ${expected}`);
      }
      // The answer counts too, although it carries no number.
      expected = (request.sequence + 2) & 0xff_ff;
      await answer(fault, () => {
        const { bytes, what } = unit.relays.carryOut(request, fault?.kind === 'command failure', fault?.kind === 'wrong state');
        unit.say(what);
        return bytes;
      });
    },
    sendAway,
    end() {
      for (const exchange of unanswered.splice(0)) exchange[Symbol.dispose]();
    },
  };
}
