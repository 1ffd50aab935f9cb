import { type CallOptions, FerricError, systemClock, withDeadline } from '@ferric/core';
import type { CipherSuiteId, IpmiClient, PayloadChannel, PayloadListener, SessionFacts } from '../client/client-types.js';
import { integerIssue, refuseIssues } from '../commands/inputs.js';
import { activatePayload, deactivatePayload, type PayloadActivation, SOL_PAYLOAD } from '../commands/payload.js';
import type { SolConsole, SolOptions } from './console-types.js';
import type { SolSettings } from './engine.js';
import { SOL_HEADER_BYTES } from './packet.js';
import { SolSession } from './session.js';

/** Opening a session and activating the payload in it. Milliseconds. */
const ACTIVATE_MS = 30_000;

/** Time for the controller to confirm the end, of the console or of the session. Milliseconds. */
const END_MS = 5_000;

const DEFAULTS = { retryIntervalMs: 500, tries: 8, unreadLimitBytes: 65_536 } as const;

/**
 * Bits of the first auxiliary byte. The handshake of the serial line is left to the controller: it lets the machine send at once.
 * Source: IPMI 2.0, section 24.1.
 */
export const SOL_ACTIVATION = { encrypt: 0x80, authenticate: 0x40, testMode: 0x20, alertsDeferred: 0x04, alertsSucceed: 0x08, lineHeld: 0x02 } as const;

/** What the packets of a session have: the console's have the same. Source: IPMI 2.0, table 22-20. */
const PROTECTION: Readonly<Record<CipherSuiteId, number>> = {
  0: 0,
  1: 0,
  2: SOL_ACTIVATION.authenticate,
  3: SOL_ACTIVATION.authenticate | SOL_ACTIVATION.encrypt,
  17: SOL_ACTIVATION.authenticate | SOL_ACTIVATION.encrypt,
};

/** Completion code of Activate Payload: somebody else has it. Source: IPMI 2.0, section 24.1. */
const ALREADY_ACTIVE = '0x80';

/**
 * Opens the serial console of a machine in the client's session, which stays open as long as the console. 30 s unless the caller says otherwise.
 * Given up before the controller has said whose the console is, it closes the session; the client's next request opens another.
 * @throws CONFLICT while somebody else has the console; REFUSED where it is switched off or wants another protection; UNSUPPORTED with IPMI 1.5;
 * INVALID_OPTIONS; what `openPayload` and `carryOut` throw
 */
export async function activateConsole(client: IpmiClient, options: SolOptions = {}): Promise<SolConsole> {
  const { instance = 1, takeOver = false, clock = systemClock, signal, timeoutMs } = options;
  const session = new SolSession(client.address, clock, checkSettings(options, instance));
  const opening = new Opening(client, session, instance);
  const deadline = { what: `Console of ${client.address}`, defaultTimeoutMs: ACTIVATE_MS, details: { address: client.address, step: 'Activate Payload' }, clock };
  try {
    return await withDeadline({ signal, timeoutMs }, deadline, ({ signal: over, remainingMs }) =>
      opening.run(takeOver, () => ({ signal: over, timeoutMs: Math.max(1, remainingMs()) })),
    );
  } catch (error) {
    // Whoever gave up does not wait for the end of what was begun.
    void opening.close();
    throw error;
  }
}

function checkSettings(options: SolOptions, instance: number): SolSettings {
  const { retryIntervalMs, tries, unreadLimitBytes } = { ...DEFAULTS, ...options };
  refuseIssues('Console', [
    ...integerIssue('instance', instance, 1, 15),
    ...integerIssue('retryIntervalMs', retryIntervalMs, 10, 60_000),
    ...integerIssue('tries', tries, 1, 100),
    ...integerIssue('unreadLimitBytes', unreadLimitBytes, 1024, 16_777_216),
  ]);
  return { retryIntervalMs, tries, unreadLimitBytes, maximumCharacters: 1 };
}

/** The way to a console and back, so that it can be left at every point. */
class Opening {
  readonly #client: IpmiClient;
  readonly #session: SolSession;
  readonly #instance: number;
  #channel: PayloadChannel | null = null;
  /** Whether the console is ours, as far as the controller has told. */
  #ours: 'no' | 'perhaps' | 'yes' = 'no';
  #closing: Promise<void> | undefined;

  constructor(client: IpmiClient, session: SolSession, instance: number) {
    this.#client = client;
    this.#session = session;
    this.#instance = instance;
  }

  async run(takeOver: boolean, share: () => CallOptions): Promise<SolConsole> {
    const session = this.#session;
    const listener = {
      receive: (payload: Uint8Array) => session.receive(payload),
      ended: (reason: Error) => session.finish('lost', reason),
    };
    // Before the activation: the controller may send as soon as it has answered.
    const channel = await this.#openPayload(listener, share());
    const auxiliary = protectionOf(channel.session, this.#client.address);
    session.attach(channel);
    const activation = await this.#activate(auxiliary, takeOver, share);
    session.activated(activation.inboundSize - SOL_HEADER_BYTES);
    this.#refuseDead();
    return {
      output: session.output,
      write: (bytes, options) => session.write(bytes, options),
      sendBreak: (options) => session.sendBreak(options),
      ended: session.ended,
      activation,
      get counters() {
        return session.counters;
      },
      [Symbol.asyncDispose]: () => this.close(),
    };
  }

  async #openPayload(listener: PayloadListener, options: CallOptions): Promise<PayloadChannel> {
    const channel = await this.#client.openPayload(SOL_PAYLOAD, listener, options);
    if (this.#closing !== undefined) {
      channel[Symbol.dispose]();
      throw new FerricError('ABORTED', `The console of ${this.#client.address} was given up`, { details: { address: this.#client.address } });
    }
    this.#channel = channel;
    return channel;
  }

  /** The session of the channel may have been lost on the way, and the payload activated in the next one, where nobody listens. */
  #refuseDead(): void {
    const { end } = this.#session;
    if (end?.error === null || end?.error === undefined) return;
    void this.#deactivate();
    throw end.error;
  }

  /** Ends the console and leaves the session. Never fails. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    // One that is over already may be somebody else's by now: some controllers hand it on without a word.
    const isActive = this.#ours === 'yes' && this.#session.end === null;
    this.#session.finish('disposed', null);
    if (isActive) await this.#deactivate();
    if (this.#ours === 'perhaps') await this.#closeSession();
    this.#channel?.[Symbol.dispose]();
  }

  /** Never fails: what is not ended ends with the session at the latest. */
  async #deactivate(): Promise<void> {
    await deactivatePayload(this.#client, { instance: this.#instance }, { timeoutMs: END_MS }).catch(() => undefined);
  }

  /** Ends the console if it is ours, and no other: Deactivate Payload ends it in whichever session it is. Never fails. */
  async #closeSession(): Promise<void> {
    await this.#client.close({ timeoutMs: END_MS }).catch(() => undefined);
  }

  async #activate(auxiliary: number, takeOver: boolean, share: () => CallOptions): Promise<PayloadActivation> {
    try {
      return await this.#activateOnce(auxiliary, share);
    } catch (error) {
      if (!isTaken(error)) throw error;
      if (!takeOver) throw this.#taken(error);
      await deactivatePayload(this.#client, { instance: this.#instance }, share());
      return this.#activateOnce(auxiliary, share);
    }
  }

  async #activateOnce(auxiliary: number, share: () => CallOptions): Promise<PayloadActivation> {
    this.#ours = 'perhaps';
    try {
      const activation = await activatePayload(this.#client, { instance: this.#instance }, auxiliary, share());
      this.#ours = 'yes';
      return activation;
    } catch (error) {
      if (FerricError.is(error) && 'completionCode' in error.details) this.#ours = 'no';
      throw error;
    }
  }

  #taken(cause: FerricError): FerricError {
    return new FerricError('CONFLICT', `Somebody else has the console of ${this.#client.address}`, {
      cause,
      details: cause.details,
      hint: 'End the other session, or take the console over with `takeOver`.',
    });
  }
}

function isTaken(error: unknown): error is FerricError {
  return FerricError.is(error) && error.details['completionCode'] === ALREADY_ACTIVE;
}

function protectionOf({ protocol, cipherSuite }: SessionFacts, address: string): number {
  if (protocol === '2.0' && cipherSuite !== null) return PROTECTION[cipherSuite];
  throw new FerricError('UNSUPPORTED', `Serial over LAN needs IPMI 2.0, and the session with ${address} speaks ${protocol}`, {
    details: { address, protocol },
    hint: 'Use protocol 2.0.',
  });
}
