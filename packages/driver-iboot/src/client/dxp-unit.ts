import { Buffer } from 'node:buffer';
import { abortable, type Clock, FerricError, type JsonObject, systemClock, throwIfAborted, type Timer } from '@ferric/core';
import { type ByteLine, createByteLine, LineLost } from './byte-line.js';
import { type DxpCredentials, sameCredentials } from './credentials.js';
import { type DxpStep, lostAtCommand, lostAtHello, silence, strangerRefused, type UnitFacts, unreachable } from './dxp-errors.js';
import { decodeHelloAnswer, type DxpCommand, encodeCommand, encodeHello } from './dxp-messages.js';
import { type DxpEndpoint, endpointName, openTcpStream, type OpenStream } from './open-stream.js';
import { helloPatience, listPatience, type Patience, resultPatience } from './patience.js';
import { firstSequence, nextSequence } from './sequence.js';
import type { NoteStep } from './steps.js';

/** How the connection to a unit is used. */
export interface DxpUnitSettings extends DxpEndpoint {
  /**
   * How long a connection is kept for the next command. A unit serves one client at a time, so it is not held for long.
   * Milliseconds, default 500; 0 closes it after each command.
   */
  readonly idleMs?: number | undefined;
  /** Time for connecting. Milliseconds, default 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Time for each answer. Milliseconds, default 10000, as other clients wait. */
  readonly answerTimeoutMs?: number | undefined;
  /** Default: TCP. */
  readonly openStream?: OpenStream | undefined;
  readonly clock?: Clock | undefined;
}

export const DXP_DEFAULTS = { idleMs: 500, connectTimeoutMs: 5000, answerTimeoutMs: 10_000 } as const;

/** Reports one frame, secrets already replaced. */
export type RecordFrame = (direction: 'out' | 'in', label: string, payload: Uint8Array) => void;

/** One command, and what goes with it. */
export interface DxpExchange<Result> {
  readonly command: DxpCommand;
  /** How many relays the caller needs to see, for `read relays`. Default 1. */
  readonly atLeast?: number;
  readonly label: string;
  readonly decode: (answer: Uint8Array, details: JsonObject) => Result;
  readonly credentials: DxpCredentials;
  readonly record: RecordFrame;
  readonly note: NoteStep;
  readonly signal: AbortSignal;
}

/** One unit: at most one connection at any time, whoever asks. */
export interface DxpUnit extends AsyncDisposable {
  /**
   * Sends one command, over the connection that is open or a new one.
   * A reading is asked again when the connection that was kept for it turns out to be gone; a change never is.
   * @throws UNREACHABLE, TIMEOUT, AUTH_FAILED, PROTOCOL_FAULT, ABORTED when the unit is disposed, or the reason of the signal
   */
  exchange<Result>(exchange: DxpExchange<Result>): Promise<Result>;
  /** Ends what is under way with ABORTED and closes the connection. Idempotent. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A connection that was greeted. */
interface Session {
  readonly line: ByteLine;
  /** Who its commands go out as: whether a unit hangs up on a stranger shows only on a connection of its own. */
  readonly credentials: DxpCredentials;
  sequence: number;
}

/** What the transcript shows in place of a password: as long as the field allows, so that it does not tell the length. */
const MASKED_PASSWORD = '*'.repeat(20);

const CHANGES: ReadonlySet<DxpCommand['kind']> = new Set(['set relay', 'pulse relay']);

/** Makes the one connection of a unit. It connects when first used. */
export function createDxpUnit(settings: DxpUnitSettings): DxpUnit {
  const { address, port, clock = systemClock, openStream = openTcpStream } = settings;
  const { idleMs = DXP_DEFAULTS.idleMs, connectTimeoutMs = DXP_DEFAULTS.connectTimeoutMs, answerTimeoutMs = DXP_DEFAULTS.answerTimeoutMs } = settings;
  const where = endpointName(settings);
  const factsAt = (step: DxpStep): UnitFacts => ({ where, details: { address, port, step } });
  const disposal = new AbortController();
  let kept: Session | undefined;
  let idle: Timer | undefined;
  /** How many relays the unit has; undefined until it has listed as many twice, for a list that was cut by a long silence looks like a short one. */
  let relayCount: number | undefined;
  /** How many relays it listed last. */
  let listed: number | undefined;
  /** Whose commands the unit has answered. It hung up on them since, perhaps, but not because it does not know them. */
  let proven: DxpCredentials | undefined;
  /** The last connection on its way out. */
  let leaving: Promise<void> = Promise.resolve();
  /** The end of the last command in line. */
  let turns: Promise<unknown> = Promise.resolve();

  const drop = (line: ByteLine): void => {
    if (kept?.line === line) kept = undefined;
    idle?.[Symbol.dispose]();
    leaving = line.close();
  };

  /** Keeps a connection for the next command, unless something speaks against it. */
  const keep = (session: Session): void => {
    if (idleMs === 0 || !session.line.usable) return drop(session.line);
    kept = session;
    session.line.hold(false);
    idle = clock.after(idleMs, () => drop(session.line));
  };

  const takeKept = (credentials: DxpCredentials): Session | undefined => {
    const session = kept;
    kept = undefined;
    idle?.[Symbol.dispose]();
    if (session === undefined) return undefined;
    if (session.line.usable && sameCredentials(session.credentials, credentials)) {
      session.line.hold(true);
      return session;
    }
    drop(session.line);
    return undefined;
  };

  /** Runs one step in the time it has. */
  const within = async <T>(step: DxpStep, limitMs: number, { signal, note }: DxpExchange<unknown>, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    note(step);
    const limit = new AbortController();
    const expire = (): void => limit.abort(silence(`${where} did not answer within ${limitMs} ms`, step, { address, port, timeoutMs: limitMs }));
    using _timer = clock.after(limitMs, expire);
    const either = AbortSignal.any([signal, limit.signal]);
    return await abortable(either, work(either));
  };

  /** @param opened is told of the connection as soon as there is one: a caller who leaves in that moment must not leave it behind */
  const connect = async (signal: AbortSignal, opened: (line: ByteLine) => void): Promise<ByteLine> => {
    // A unit that still sees the last connection would refuse this one.
    await abortable(signal, leaving);
    try {
      const stream = await openStream(settings, signal);
      const line = createByteLine(stream, clock, () => (relayCount = undefined));
      opened(line);
      if (signal.aborted) drop(line);
      return line;
    } catch (error) {
      throwIfAborted(signal);
      throw unreachable(factsAt('connect'), error);
    }
  };

  const greet = async (exchange: DxpExchange<unknown>): Promise<Session> => {
    const opened: ByteLine[] = [];
    try {
      const line = await within('connect', connectTimeoutMs, exchange, (signal) => connect(signal, (each) => opened.push(each)));
      exchange.record('out', 'hello', encodeHello());
      const answer = await within('hello', answerTimeoutMs, exchange, (signal) => line.ask(encodeHello(), helloPatience, signal));
      exchange.record('in', 'answer to hello', answer);
      return { line, credentials: exchange.credentials, sequence: firstSequence(decodeHelloAnswer(answer, factsAt('hello').details)) };
    } catch (error) {
      for (const line of opened) {
        recordRest({ ...exchange, label: 'hello' }, line, error);
        drop(line);
      }
      throw error instanceof LineLost ? lostAtHello(factsAt('hello'), error) : error;
    }
  };

  /** Sends the command over a session, which ends if anything goes wrong with it. */
  const ask = async <Result>(session: Session, exchange: DxpExchange<Result>): Promise<Result> => {
    const { command, credentials, label } = exchange;
    const { line, sequence } = session;
    const isList = command.kind === 'read relays';
    const patience = patienceFor(exchange, relayCount);
    const encode = (password: string): Uint8Array => encodeCommand(command, { username: credentials.username, password, sequence });
    const known = relayCount;
    if (isList) relayCount = undefined;
    try {
      exchange.record('out', label, encode(MASKED_PASSWORD));
      const answer = await within(command.kind, answerTimeoutMs, exchange, (signal) => line.ask(encode(credentials.password.reveal()), patience, signal));
      const shown = maskAnswer(answer, credentials);
      exchange.record('in', `answer to ${label}`, shown);
      const result = exchange.decode(shown, factsAt(command.kind).details);
      session.sequence = nextSequence(sequence);
      proven = credentials;
      if (isList) {
        relayCount = answer.length === listed ? listed : undefined;
        listed = answer.length;
      }
      // A list that only silence has ended may have had more to come, which must not be taken for the answer to the next command.
      if (isList && answer.length !== known) drop(line);
      else keep(session);
      return result;
    } catch (error) {
      recordRest(exchange, line, error);
      drop(line);
      throw error;
    }
  };

  const askKept = async <Result>(exchange: DxpExchange<Result>): Promise<{ readonly result: Result } | undefined> => {
    const session = takeKept(exchange.credentials);
    if (session === undefined) return undefined;
    try {
      return { result: await ask(session, exchange) };
    } catch (error) {
      if (!(error instanceof LineLost)) throw error;
      const { kind } = exchange.command;
      if (error.received === 0 && !CHANGES.has(kind)) return undefined;
      throw lostAtCommand(factsAt(kind), error, CHANGES.has(kind));
    }
  };

  const askFresh = async <Result>(exchange: DxpExchange<Result>): Promise<Result> => {
    const session = await greet(exchange);
    try {
      return await ask(session, exchange);
    } catch (error) {
      if (!(error instanceof LineLost)) throw error;
      const { kind } = exchange.command;
      const isStranger = proven === undefined || !sameCredentials(proven, exchange.credentials);
      if (isStranger && error.closed && error.received === 0) throw strangerRefused(factsAt(kind), error);
      throw lostAtCommand(factsAt(kind), error, CHANGES.has(kind));
    }
  };

  return {
    async exchange(exchange) {
      throwIfAborted(disposal.signal);
      const signal = AbortSignal.any([exchange.signal, disposal.signal]);
      const before = turns;
      const work = (async () => {
        await before;
        throwIfAborted(signal);
        const own = { ...exchange, signal };
        const answered = await askKept(own);
        return answered === undefined ? askFresh(own) : answered.result;
      })();
      turns = work.catch(() => undefined);
      return abortable(signal, work);
    },
    async [Symbol.asyncDispose]() {
      disposal.abort(new FerricError('ABORTED', `The connection to ${where} was closed`, { details: { address, port } }));
      await turns;
      if (kept !== undefined) drop(kept.line);
      await leaving;
    },
  };
}

function patienceFor({ command, atLeast = 1 }: DxpExchange<unknown>, known: number | undefined): Patience {
  return command.kind === 'read relays' ? listPatience(atLeast, known) : resultPatience;
}

/** What had come when an answer failed, and how it ended: a bug report needs it. */
function recordRest({ record, label, credentials }: DxpExchange<unknown>, line: ByteLine, error: unknown): void {
  const rest = maskAnswer(line.takeRest(), credentials);
  if (error instanceof LineLost) record('in', `no answer to ${label}: ${error.message}`, rest);
  else if (rest.length > 0) record('in', `part of an answer to ${label}`, rest);
}

/** A device that is no unit may repeat what it was sent. */
function maskAnswer(answer: Uint8Array, { password }: DxpCredentials): Uint8Array {
  const secret = Buffer.from(password.reveal());
  if (secret.length === 0 || answer.every((byte) => byte <= 1)) return answer;
  const masked = Buffer.from(answer);
  for (let at = masked.indexOf(secret); at !== -1; at = masked.indexOf(secret, at + secret.length)) masked.fill('*', at, at + secret.length);
  return masked;
}
