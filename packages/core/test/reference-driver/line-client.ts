import { connect, type Socket } from 'node:net';
import { abortReason, FerricError, type Secret, throwIfAborted, type TranscriptSink } from '@ferric/core';

export interface LineClientOptions {
  readonly address: string;
  readonly port: number;
  readonly username: string;
  readonly password: Secret;
  readonly transcript?: TranscriptSink | undefined;
  readonly parts: LineClientParts;
}

/** What a mutant may do differently. */
export interface LineClientParts {
  /** Ends a connection that is not needed any more, or that nobody can tell the state of. */
  readonly discard: (socket: Socket, reason: 'failed' | 'given up' | 'closed') => void;
  /** A connection that is logged in already, from a pool; undefined opens a new one. */
  readonly reuse: (endpoint: string) => Socket | undefined;
  /** Whether a connection that failed is forgotten, so that the next exchange opens another. */
  readonly forgetsFailed: boolean;
  readonly loginAttempts: number;
  /** What the transcript shows of the login. */
  readonly shownLogin: (username: string, password: Secret) => string;
  /** The error for a password that was refused. */
  readonly denied: (endpoint: string, password: Secret) => FerricError;
  /** A failure of the socket in our terms. */
  readonly unreachable: (endpoint: string, cause: unknown) => Error;
}

export const LINE_CLIENT_PARTS: LineClientParts = {
  discard: (socket) => void socket.destroy(),
  reuse: () => undefined,
  forgetsFailed: true,
  loginAttempts: 1,
  shownLogin: (username) => `login ${username} [secret]`,
  denied: (endpoint) => new FerricError('AUTH_FAILED', `${endpoint} refused the user name or the password`, { details: { address: endpoint } }),
  unreachable: (endpoint, cause) =>
    new FerricError('UNREACHABLE', `${endpoint} ended the connection or could not be connected to`, { cause, details: { address: endpoint } }),
};

const LONGEST_LINE = 200;

/**
 * Speaks a line protocol over TCP: a request is one line, so is its answer; the first request logs in. One exchange at a
 * time, which the caller sees to. The connection opens when it is first needed and stays open.
 */
export class LineClient implements Disposable {
  readonly #options: LineClientOptions;
  #socket: Socket | undefined;

  constructor(options: LineClientOptions) {
    this.#options = options;
  }

  get endpoint(): string {
    return `${this.#options.address}:${this.#options.port}`;
  }

  /** Sends one request and yields its answer without the line end. Throws UNREACHABLE, AUTH_FAILED, PROTOCOL_FAULT, BUSY, REFUSED. */
  async exchange(request: string, signal: AbortSignal): Promise<string> {
    throwIfAborted(signal);
    const socket = this.#socket ?? (await this.#open(signal));
    this.#socket = socket;
    try {
      return this.#check(await this.#ask(socket, request, request, signal));
    } catch (error) {
      // After a silence the answer may still come and be taken for that of the next request.
      this.#drop(socket, signal.aborted ? 'given up' : 'failed');
      throw error;
    }
  }

  [Symbol.dispose](): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) this.#options.parts.discard(socket, 'closed');
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const { username, password, parts } = this.#options;
    const reused = parts.reuse(this.endpoint);
    if (reused !== undefined) return reused;
    for (let attempt = 1; ; attempt += 1) {
      const socket = connect(this.#options.port, this.#options.address);
      try {
        await this.#event(socket, signal, (settle) => socket.once('connect', settle));
        const answer = this.#check(await this.#ask(socket, `login ${username} ${password.reveal()}`, parts.shownLogin(username, password), signal));
        if (answer === 'ok') return socket;
        if (answer !== 'denied') throw this.#unexpected(answer);
        if (attempt >= parts.loginAttempts) throw parts.denied(this.endpoint, password);
        parts.discard(socket, 'failed');
      } catch (error) {
        parts.discard(socket, signal.aborted ? 'given up' : 'failed');
        throw error;
      }
    }
  }

  async #ask(socket: Socket, request: string, shown: string, signal: AbortSignal): Promise<string> {
    let received = '';
    const answer = await this.#event<string>(socket, signal, (settle, fail) => {
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString('latin1');
        if (received.endsWith('\n')) settle(received.slice(0, -1));
        else if (received.length > LONGEST_LINE) fail(this.#unexpected(received));
      });
      socket.write(`${request}\n`);
      this.#record('out', shown);
    });
    this.#record('in', answer);
    return answer;
  }

  /** Waits for what `listen` settles, for the end of the connection or for the caller to give up, and takes all listeners away. */
  async #event<T>(socket: Socket, signal: AbortSignal, listen: (settle: (value: T) => void, fail: (error: unknown) => void) => void): Promise<T> {
    const waiting = Promise.withResolvers<T>();
    const fail = (cause?: unknown): void => waiting.reject(this.#options.parts.unreachable(this.endpoint, cause));
    const giveUp = (): void => waiting.reject(abortReason(signal));
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', fail).once('close', () => fail());
    listen(waiting.resolve, waiting.reject);
    if (socket.destroyed) fail(socket.errored);
    if (signal.aborted) giveUp();
    try {
      return await waiting.promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
      socket.removeAllListeners();
      // A socket without this listener would throw when the other end resets it while nobody asks anything.
      socket.on('error', () => undefined);
    }
  }

  #check(answer: string): string {
    const details = { address: this.endpoint };
    if (answer === 'busy') throw new FerricError('BUSY', `${this.endpoint} has no room for another session`, { details });
    if (answer === 'failed') throw new FerricError('REFUSED', `${this.endpoint} reports that the command failed`, { details });
    if (!/^[a-z ]{2,}$/.test(answer)) throw this.#unexpected(answer);
    return answer;
  }

  #unexpected(answer: string): FerricError {
    const received = JSON.stringify(answer.slice(0, 40));
    return new FerricError('PROTOCOL_FAULT', `${this.endpoint} answered ${received}`, { details: { address: this.endpoint, received } });
  }

  #drop(socket: Socket, reason: 'failed' | 'given up'): void {
    if (!this.#options.parts.forgetsFailed) return;
    if (this.#socket === socket) this.#socket = undefined;
    this.#options.parts.discard(socket, reason);
  }

  #record(direction: 'in' | 'out', payload: string): void {
    this.#options.transcript?.record({
      at: new Date(), direction, peer: `tcp ${this.endpoint}`, protocol: 'line', label: payload.split(' ')[0] ?? '', payload: `${payload}\n`,
    });
  }
}
