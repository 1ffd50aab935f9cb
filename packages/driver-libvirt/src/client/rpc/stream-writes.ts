import { abortReason, type CallOptions, type Clock, FerricError, type Timer } from '@ferric/core';
import { type CallFacts, callTimeout } from './connection-errors.js';
import { callTime } from './pending-call.js';

/**
 * Longest data of one packet. Newer daemons take more; the oldest no more than this.
 * Source: libvirt 9.0.0, src/rpc/virnetprotocol.x, VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX.
 */
const LARGEST_PACKET_BYTES = 262_120;

/** Writes that may wait for those before them. One more is refused. */
const WAITING_LIMIT = 1024;

export interface StreamWritesSettings {
  readonly facts: CallFacts;
  readonly clock: Clock;
  /** Time for each packet when the caller names no time. Milliseconds. */
  readonly packetTimeoutMs: number;
  /** False while the stream cannot be written to for the moment. */
  readonly ready: () => boolean;
  /** Calls {@link StreamWrites.proceed} once it is. */
  readonly wait: () => void;
  readonly sendData: (data: Uint8Array) => void;
  readonly sendFinish: () => void;
  /** A write was given up after a part of it was sent: what the daemon has got is of no use. */
  readonly torn: (error: unknown) => void;
}

interface Job {
  /** Undefined: the end. */
  readonly bytes: Uint8Array | undefined;
  /** The time is that of each packet, and runs only while the packet cannot be sent. */
  readonly limitsPackets: boolean;
  sent: number;
  timer: Timer | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  readonly detach: () => void;
}

/** What is to be sent on one stream, in its order, in packets that every daemon takes. */
export class StreamWrites {
  readonly #settings: StreamWritesSettings;
  readonly #jobs = new Set<Job>();

  constructor(settings: StreamWritesSettings) {
    this.#settings = settings;
  }

  /** Resolves when the bytes were handed over; undefined for the end of all. They may be changed afterwards. */
  async add(bytes: Uint8Array | undefined, options: CallOptions | undefined): Promise<void> {
    const { facts } = this.#settings;
    const timeoutMs = callTime(options, this.#settings.packetTimeoutMs);
    const signal = options?.signal;
    if (signal?.aborted === true) throw abortReason(signal);
    if (this.#jobs.size >= WAITING_LIMIT) {
      throw new FerricError('BUSY', `${facts.procedure}: ${WAITING_LIMIT} writes wait already`, { details: { ...facts }, hint: 'Await each write.' });
    }
    return new Promise<void>((resolve, reject) => {
      const abort = (): void => this.#drop(job, signal === undefined ? undefined : abortReason(signal));
      const job: Job = {
        bytes,
        limitsPackets: options?.timeoutMs === undefined,
        sent: 0,
        timer: undefined,
        resolve,
        reject,
        detach: () => signal?.removeEventListener('abort', abort),
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (!job.limitsPackets) this.#limit(job, timeoutMs);
      this.#jobs.add(job);
      if (this.#jobs.size === 1) this.proceed();
    });
  }

  /** Sends what can be sent now. */
  proceed(): void {
    for (const job of this.#jobs) {
      if (!this.#advance(job)) {
        this.#settings.wait();
        return;
      }
      this.#remove(job);
      job.resolve();
    }
  }

  /** Everything that waits rejects. */
  fail(error: unknown): void {
    for (const job of this.#jobs) {
      this.#remove(job);
      job.reject(error);
    }
  }

  /** True when the whole job went out. */
  #advance(job: Job): boolean {
    const { bytes } = job;
    if (bytes === undefined) {
      this.#settings.sendFinish();
      return true;
    }
    while (job.sent < bytes.length) {
      if (!this.#settings.ready()) {
        if (job.timer === undefined) this.#limit(job, this.#settings.packetTimeoutMs);
        return false;
      }
      const end = Math.min(bytes.length, job.sent + LARGEST_PACKET_BYTES);
      this.#settings.sendData(bytes.subarray(job.sent, end));
      job.sent = end;
      if (job.limitsPackets) this.#unlimit(job);
    }
    return true;
  }

  #limit(job: Job, ms: number): void {
    job.timer = this.#settings.clock.after(ms, () => this.#drop(job, callTimeout(this.#settings.facts, ms, true)));
  }

  #unlimit(job: Job): void {
    job.timer?.[Symbol.dispose]();
    job.timer = undefined;
  }

  #drop(job: Job, error: unknown): void {
    this.#remove(job);
    job.reject(error);
    if (job.sent > 0) this.#settings.torn(error);
  }

  #remove(job: Job): void {
    this.#jobs.delete(job);
    this.#unlimit(job);
    job.detach();
  }
}
