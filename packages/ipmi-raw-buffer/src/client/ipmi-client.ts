import { type CallOptions, FerricError } from '@ferric/core';
import type { IpmiRequest, IpmiResponse, RequestOptions } from '../message/request.js';
import type { CipherSuiteId, ClientCounters, IpmiClient, IpmiClientSettings, PayloadChannel, PayloadListener, SessionFacts } from './client-types.js';
import { hopSilentError } from './bridge.js';
import { checkRequest } from './check-request.js';
import { Housekeeping } from './housekeeping.js';
import { Job } from './job.js';
import { createCounters } from './link.js';
import { abandonLink, closeLink, openLink, type OpenLink } from './open-link.js';
import { checkPayloadType, openPayloadChannel } from './payload-channel.js';
import { RequestNumbers } from './request-numbers.js';
import { requestQuestion, unwrapResponse } from './request-question.js';
import { checkClientSettings, type ClientSetup, formatAddress } from './settings.js';

/** Waits before a busy controller is asked again, by its completion code. Milliseconds. Codes: IPMI 1.5, table 5-2; the waits are ours. */
const BUSY_WAITS_MS: Readonly<Record<number, readonly number[]>> = {
  // Node busy.
  0xc0: [100, 200, 400, 800, 1600],
  // BMC initialising.
  0xd2: [1000, 1000, 2000, 2000, 4000],
};
const KEEP_ALIVE: IpmiRequest = { netFn: 0x06, command: 0x01 };

/**
 * A client of one BMC. Opens a session when first used and closes it after `idleMs` without requests, by `close` and by disposing.
 * While a session is open it keeps the process alive; a process that is ended from outside leaves the session to the BMC, which forgets it after a minute.
 * @throws INVALID_OPTIONS
 */
export function createIpmiClient(settings: IpmiClientSettings): IpmiClient {
  return new Client(checkClientSettings(settings));
}

/** A call in the queue. Its work is done in the session that is open when its turn comes; `close` is content with none. */
interface Turn {
  readonly job: Pick<Job<unknown>, 'settled' | 'reject'>;
  readonly needsSession: boolean;
  /** False: the session is lost, and it may be done in another. */
  run(open: OpenLink | undefined): Promise<boolean>;
}

class Client implements IpmiClient {
  readonly #setup: ClientSetup;
  readonly #counters = createCounters();
  readonly #queue: Turn[] = [];
  #running: Turn | undefined;
  #working: Promise<void> | undefined;
  #open: OpenLink | undefined;
  #opening: AbortController | undefined;
  #numbers: RequestNumbers | undefined;
  /** The cipher suite that the controller accepted last. */
  #proven: CipherSuiteId | undefined;
  #address: string;
  readonly #housekeeping: Housekeeping;
  /** Ends the pause before a busy controller is asked again. */
  #wake: (() => void) | undefined;
  #disposing: Promise<void> | undefined;

  constructor(setup: ClientSetup) {
    this.#setup = setup;
    this.#address = formatAddress(setup.host, setup.port);
    this.#housekeeping = new Housekeeping({
      clock: setup.clock,
      idleMs: setup.idleMs,
      hasPayloads: () => (this.#disposing === undefined && this.#open !== undefined ? this.#open.link.payloads.size > 0 : undefined),
      isBusy: () => this.#working !== undefined,
      close: () => void this.close().catch(() => undefined),
      stayAlive: () => this.#stayAlive(),
    });
  }

  get address(): string {
    return this.#address;
  }

  get counters(): ClientCounters {
    return { ...this.#counters };
  }

  async raw(request: IpmiRequest, options?: RequestOptions): Promise<IpmiResponse> {
    const step = options?.step ?? `request ${hexadecimal(request.netFn)}/${hexadecimal(request.command)}`;
    checkRequest(request, step);
    const job = this.#job<IpmiResponse>(step, options, options?.repeatable ?? true);
    return this.#enqueue(job, async (open) => this.#carryOut(open, request, job));
  }

  async session(options?: CallOptions): Promise<SessionFacts> {
    const job = this.#job<SessionFacts>('open session', options);
    return this.#enqueue(job, async (open) => {
      job.resolve(open.session.facts);
      return true;
    });
  }

  async close(options?: CallOptions): Promise<void> {
    const job = this.#job<void>('Close Session', options);
    this.#add(job, {
      job,
      needsSession: false,
      run: async (open) => {
        if (open !== undefined) await this.#end(open, closeLink);
        job.resolve();
        return true;
      },
    });
    return job.result;
  }

  async openPayload(payloadType: number, listener: PayloadListener, options?: CallOptions): Promise<PayloadChannel> {
    checkPayloadType(payloadType);
    const job = this.#job<PayloadChannel>(`open payload type ${payloadType}`, options);
    return this.#enqueue(job, async (open) => {
      job.resolve(openPayloadChannel(open, payloadType, listener, () => this.#housekeeping.restart()));
      return true;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposing ??= this.#dispose();
    return this.#disposing;
  }

  #job<Result>(step: string, options: CallOptions | undefined, repeatable = true): Job<Result> {
    if (this.#disposing !== undefined) throw disposedError(this.#address);
    const job: Job<Result> = new Job<Result>({
      step,
      address: this.#address,
      clock: this.#setup.clock,
      repeatable,
      givenUp: (reason) => this.#forget(job, reason),
      waitsFor: () => this.#describeWait(job),
    }, options);
    return job;
  }

  async #enqueue<Result>(job: Job<Result>, run: (open: OpenLink) => Promise<boolean>): Promise<Result> {
    this.#add(job, { job, needsSession: true, run: async (open) => open !== undefined && run(open) });
    return job.result;
  }

  #add(job: Pick<Job<unknown>, 'step' | 'reject'>, turn: Turn): void {
    const { queueLimit } = this.#setup;
    // Unless one is running, the first in the queue is the one whose turn it is.
    const waiting = this.#queue.length - (this.#running === undefined ? 1 : 0);
    if (waiting >= queueLimit) {
      job.reject(new FerricError('BUSY', `${job.step} at ${this.#address}: ${queueLimit} requests wait already`, { details: { address: this.#address, step: job.step } }));
      return;
    }
    this.#queue.push(turn);
    this.#working ??= this.#takeTurns();
  }

  /** Drops the work of a call that settled before it was done. */
  #forget(job: Turn['job'], reason: unknown): void {
    if (this.#running?.job === job) {
      this.#open?.link.cancel(reason);
      this.#wake?.();
      return;
    }
    const index = this.#queue.findIndex((turn) => turn.job === job);
    if (index >= 0) this.#queue.splice(index, 1);
    if (this.#queue.length === 0) this.#opening?.abort(reason);
  }

  #describeWait(job: Turn['job']): string {
    if (this.#running?.job !== job) return this.#opening === undefined ? 'its turn' : 'the session to open';
    const { attempts = 0, fault, passedOnTo } = this.#open?.link ?? {};
    return `the answer ${passedOnTo === undefined ? '' : `of ${passedOnTo} `}to ${attempts} packets${fault === undefined ? '' : `, of which the last could not be read (${fault})`}`;
  }

  async #takeTurns(): Promise<void> {
    for (let turn = this.#queue[0]; turn !== undefined; turn = this.#queue[0]) {
      const open = turn.needsSession ? (this.#open ?? (await this.#openSession())) : this.#open;
      // Meanwhile it may have given up, and then it is not the first any more.
      if (this.#queue[0] !== turn || (open === undefined && turn.needsSession)) continue;
      this.#queue.shift();
      await this.#take(turn, open);
    }
    this.#working = undefined;
    this.#housekeeping.used();
  }

  async #take(turn: Turn, open: OpenLink | undefined): Promise<void> {
    this.#running = turn;
    try {
      if (!(await turn.run(open)) && !turn.job.settled) this.#queue.unshift(turn);
    } catch (error) {
      turn.job.reject(error);
    } finally {
      this.#running = undefined;
    }
    if (open?.link.broken === true) await this.#end(open, ({ link }) => abandonLink(link));
  }

  /** The session, opened for all who wait; when it fails, all of them are told: each trying by itself would lock an account. */
  async #openSession(): Promise<OpenLink | undefined> {
    const opening = new AbortController();
    this.#opening = opening;
    try {
      const open = await openLink(this.#setup, this.#counters, this.#proven, opening.signal);
      this.#open = open;
      this.#numbers = new RequestNumbers();
      this.#proven = open.session.facts.cipherSuite ?? undefined;
      this.#address = open.link.address;
      return open;
    } catch (error) {
      // When nobody waited any more, those who came since then start afresh.
      if (!opening.signal.aborted) this.#refuseWaiting(error);
      return undefined;
    } finally {
      this.#opening = undefined;
    }
  }

  /** False: the session is lost, and the request may be sent again in another. */
  async #carryOut(open: OpenLink, request: IpmiRequest, job: Job<IpmiResponse>): Promise<boolean> {
    for (let asked = 0; !job.settled; asked += 1) {
      const response = await this.#ask(open, request, job);
      if (job.settled) return true;
      if (response === null) return this.#loseSession(open, job);
      const waitMs = job.repeatable ? BUSY_WAITS_MS[response.completionCode]?.[asked] : undefined;
      if (waitMs === undefined || waitMs >= job.remainingMs()) job.resolve(response);
      else await this.#pause(waitMs);
    }
    return true;
  }

  async #ask({ link, session }: OpenLink, request: IpmiRequest, job: Job<IpmiResponse>): Promise<IpmiResponse | null> {
    const { clock, firstWaitMs, tries } = this.#setup;
    const numbers = (this.#numbers ??= new RequestNumbers());
    const sequence = numbers.next(clock.monotonicMs());
    const asking = { step: job.step, sequence, firstWaitMs, tries: job.repeatable ? tries : 1, endless: !job.repeatable };
    const question = requestQuestion(link, session, request, asking);
    job.sent = true;
    const before = this.#counters.retransmitted;
    let answered = false;
    try {
      const answer = await link.ask(job.step, question);
      answered = answer !== null && before === this.#counters.retransmitted;
      // Another session would not make the controller behind the BMC answer.
      const passedOnTo = question.passedOnTo?.();
      if (answer === null && passedOnTo !== undefined) throw hopSilentError(link.address, job.step, passedOnTo, tries);
      return answer === null ? null : unwrapResponse(answer);
    } finally {
      // An answer may still come: to a request that was given up, or to the other copies of one that was sent again.
      if (!answered) numbers.rest(sequence, clock.monotonicMs());
    }
  }

  async #loseSession(open: OpenLink, job: Job<IpmiResponse>): Promise<boolean> {
    const { address } = open.link;
    const error = new FerricError('TIMEOUT', `${job.step} at ${address}: no answer to ${this.#setup.tries} packets`, {
      details: { address, step: job.step, ...open.link.silenceDetails },
      hint: 'The BMC may be slow or gone; a ping tells.',
    });
    await this.#end(open, ({ link }) => abandonLink(link, error));
    if (job.moved) job.reject(error);
    // Once, as the BMC may just have forgotten the session.
    const again = !job.moved;
    job.moved = true;
    return !again;
  }

  async #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#setup.clock.after(ms, resolve);
    this.#wake = resolve;
    await promise;
    this.#wake = undefined;
  }

  #refuseWaiting(error: unknown): void {
    const waiting = this.#queue.splice(0);
    this.#queue.push(...waiting.filter((turn) => !turn.needsSession));
    for (const turn of waiting) if (turn.needsSession) turn.job.reject(error);
  }

  async #end(open: OpenLink, how: (open: OpenLink) => Promise<void>): Promise<void> {
    if (this.#open !== open) return;
    this.#housekeeping.stop();
    try {
      await how(open);
    } finally {
      this.#open = undefined;
    }
  }

  #stayAlive(): void {
    const job = this.#job<IpmiResponse>('keep alive', undefined);
    // Another session would be of no use to the payloads of this one.
    job.moved = true;
    this.#enqueue(job, async (open) => this.#carryOut(open, KEEP_ALIVE, job)).catch(() => undefined);
  }

  async #dispose(): Promise<void> {
    const reason = disposedError(this.#address);
    this.#housekeeping.stop();
    for (const { job } of this.#queue.splice(0)) job.reject(reason);
    this.#running?.job.reject(reason);
    this.#opening?.abort(reason);
    this.#open?.link.cancel(reason);
    this.#wake?.();
    await this.#working;
    if (this.#open !== undefined) await this.#end(this.#open, closeLink);
  }
}

function disposedError(address: string): FerricError {
  return new FerricError('ABORTED', `The client of ${address} was disposed`, { details: { address } });
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
