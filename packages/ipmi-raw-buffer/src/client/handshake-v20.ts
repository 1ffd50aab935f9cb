import { createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import { FerricError } from '@ferric/core';
import { type CipherSuite, SUITES } from '../lan/cipher-suites.js';
import { decodeOpenSessionResponse, encodeOpenSessionRequest, type HandshakeAnswer, type OpenSessionBody } from '../lan/open-session.js';
import { decodePacket, encodePacket, isPacket, PAYLOAD_TYPES } from '../lan/packet.js';
import { encodeOpenPacketV15 } from '../lan/packet-v15.js';
import {
  decodeRakp2, decodeRakp4, deriveKeys, encodeRakp1, encodeRakp3, type KeyExchange, NAME_ONLY_LOOKUP, type Rakp2Body, RANDOM_BYTES, rakp2Code,
  rakp3Code, rakp4Code,
} from '../lan/rakp.js';
import { explainSessionStatus, HANDSHAKE_FORGOTTEN, INTEGRITY_CHECK_FAILED, SUITE_INDEPENDENT, SUITE_REFUSALS } from '../lan/session-status.js';
import { capabilitiesRequest, readCapabilitiesPacket } from './capabilities.js';
import { type CipherSuiteId, PRIVILEGE_LEVELS } from './client-types.js';
import type { Link } from './link.js';
import { SessionV20 } from './session-v20.js';
import type { ClientSetup } from './settings.js';

/** How one attempt ended that did not fail for good. */
type Outcome =
  | { readonly kind: 'open'; readonly session: SessionV20 }
  /** Another cipher suite may do. */
  | { readonly kind: 'suite refused'; readonly error: FerricError }
  /** The controller lost track of the handshake; starting over may do. */
  | { readonly kind: 'forgotten'; readonly error: FerricError };

/** Not every controller says truly which suites it knows, and some never answer that question: the better one is tried first. */
const BEST_SUITES: readonly CipherSuiteId[] = [17, 3];
const PASSWORD_BYTES = 20;

/**
 * Opens a session of IPMI 2.0; the link has it from the moment the controller may have it too.
 * @param proven the suite that this controller accepted before; tried first
 * @throws UNREACHABLE, TIMEOUT, AUTH_FAILED, UNSUPPORTED, BUSY, PROTOCOL_FAULT, and what the link is cancelled with
 */
export async function openSessionV20(link: Link, setup: ClientSetup, proven: CipherSuiteId | undefined): Promise<SessionV20> {
  let refusal: FerricError | undefined;
  for (const suite of suitesToTry(setup, proven)) {
    let outcome = await new HandshakeV20(link, setup, SUITES[suite]).run();
    if (outcome.kind === 'forgotten') outcome = await new HandshakeV20(link, setup, SUITES[suite]).run();
    if (outcome.kind === 'open') return outcome.session;
    if (outcome.kind === 'forgotten') throw outcome.error;
    refusal = outcome.error;
  }
  throw refusal ?? new FerricError('INTERNAL', 'No cipher suite to try');
}

function suitesToTry({ cipherSuite }: ClientSetup, proven: CipherSuiteId | undefined): readonly CipherSuiteId[] {
  if (cipherSuite !== 'best') return [cipherSuite];
  return proven === undefined ? BEST_SUITES : [proven, ...BEST_SUITES.filter((suite) => suite !== proven)];
}

/** One attempt with one suite. */
class HandshakeV20 {
  readonly #link: Link;
  readonly #setup: ClientSetup;
  readonly #suite: CipherSuite;
  readonly #privilegeLevel: number;
  readonly #tag: number;
  readonly #consoleSessionId: number;
  /** Whether RAKP 1 was sent more than once: each copy makes some controllers choose another random number. */
  #rakp1Repeated = false;

  constructor(link: Link, setup: ClientSetup, suite: CipherSuite) {
    this.#link = link;
    this.#setup = setup;
    this.#suite = suite;
    this.#privilegeLevel = PRIVILEGE_LEVELS[setup.privilegeLevel];
    const random = randomBytes(5);
    this.#tag = random[4] ?? 0;
    // 0 is no session id.
    this.#consoleSessionId = random.readUInt32LE(0) || 1;
  }

  async run(): Promise<Outcome> {
    const opened = await this.#openSession();
    if ('kind' in opened) return opened;
    const password = passwordKey(this.#setup);
    const consoleRandom = randomBytes(RANDOM_BYTES);
    const role = this.#privilegeLevel | NAME_ONLY_LOOKUP;
    const { bmcSessionId } = opened;
    const { username } = this.#setup;

    const request = encodeRakp1({ tag: this.#tag, bmcSessionId, consoleRandom, role, username });
    const rakp2 = await this.#ask('RAKP 2', PAYLOAD_TYPES.rakp1, request, PAYLOAD_TYPES.rakp2, (payload) => decodeRakp2(payload, this.#suite));
    // Silence may be how a controller takes a suite that it cannot speak.
    if (rakp2 === null) return { kind: 'suite refused', error: this.#timeout('RAKP 2') };
    if (rakp2.body === null) return this.#declined('RAKP 2', rakp2);
    const exchange = this.#checkRakp2({ consoleSessionId: this.#consoleSessionId, bmcSessionId, consoleRandom, role, username }, rakp2.body, password);

    const keys = deriveKeys(this.#suite, kgKey(this.#setup) ?? password, exchange);
    const session = new SessionV20({
      suite: this.#suite, keys, consoleSessionId: this.#consoleSessionId, bmcSessionId, guid: exchange.guid, privilegeLevel: this.#setup.privilegeLevel,
    });
    const rakp3 = encodeRakp3({ tag: this.#tag, status: 0, bmcSessionId, code: rakp3Code(this.#suite, password, exchange) });
    let answered = false;
    try {
      const rakp4 = await this.#ask('RAKP 4', PAYLOAD_TYPES.rakp3, rakp3, PAYLOAD_TYPES.rakp4, (payload) => decodeRakp4(payload, this.#suite));
      if (rakp4 === null) throw this.#timeout('RAKP 4');
      answered = true;
      if (rakp4.body === null) return this.#declined('RAKP 4', rakp4);
      if (keys !== null && !timingSafeEqual(rakp4Code(this.#suite, keys, exchange), rakp4.body)) throw this.#wrongKey();
    } catch (error) {
      // Nobody knows whether RAKP 3 arrived: if it did, the controller has a session now.
      this.#link.session = session;
      if (!answered) this.#link.sayGoodbye();
      this.#link.session = undefined;
      throw error;
    }
    this.#link.session = session;
    return { kind: 'open', session };
  }

  async #openSession(): Promise<{ readonly bmcSessionId: number } | Outcome> {
    const request = encodeOpenSessionRequest({
      tag: this.#tag, privilegeLevel: this.#privilegeLevel, consoleSessionId: this.#consoleSessionId, suite: this.#suite,
    });
    const datagram = encodePacket(PAYLOAD_TYPES.openSessionRequest, request);
    let alive = false;
    const answer = await this.#link.ask<HandshakeAnswer<OpenSessionBody> | 'only 1.5'>('Get Channel Authentication Capabilities', {
      tries: this.#setup.tries,
      firstWaitMs: this.#setup.firstWaitMs,
      send: (attempt) => {
        this.#transmit(datagram, PAYLOAD_TYPES.openSessionRequest, request, attempt);
        // A controller that does not answer at once may know only IPMI 1.5: that it will tell.
        if (attempt > 1) this.#askCapabilities();
      },
      read: (received) => {
        if (isPacket(received)) return this.#read(received, PAYLOAD_TYPES.openSessionResponse, decodeOpenSessionResponse);
        const capabilities = readCapabilitiesPacket(received);
        if (capabilities === undefined) return undefined;
        alive = true;
        return capabilities.supportsV20 ? 'more' : 'only 1.5';
      },
    });
    if (answer === 'only 1.5') throw this.#error('UNSUPPORTED', 'open session', 'the BMC knows only IPMI 1.5', 'Set the protocol to 1.5 for this BMC; it is weak and not encrypted.');
    if (answer === null) return this.#silent(alive);
    if (answer.body === null) return this.#declined('open session', answer);
    return this.#checkOpened(answer.body);
  }

  #checkOpened(body: OpenSessionBody): { readonly bmcSessionId: number } | Outcome {
    const { authentication, integrity, confidentiality } = this.#suite;
    const asked = [authentication, integrity, confidentiality].join('/');
    const chosen = [body.authentication, body.integrity, body.confidentiality].join('/');
    if (asked === chosen) return body;
    const text = `the BMC chose other algorithms (${chosen}) than cipher suite ${this.#suite.id} has (${asked})`;
    return { kind: 'suite refused', error: this.#error('UNSUPPORTED', 'open session', text, 'Choose a cipher suite that the BMC has enabled.') };
  }

  /** What RAKP 2 proves, with the role byte that the controller put into its code. */
  #checkRakp2(known: Omit<KeyExchange, 'bmcRandom' | 'guid'>, body: Rakp2Body, password: KeyObject): KeyExchange {
    // Some controllers use the privilege level of the open session request, which lacks the bit of the lookup. Source: FreeIPMI 1.6.10, workarounds.
    for (const role of [known.role, this.#privilegeLevel]) {
      const exchange: KeyExchange = { ...known, role, bmcRandom: body.bmcRandom, guid: body.guid };
      if (timingSafeEqual(rakp2Code(this.#suite, password, exchange), body.code)) return exchange;
    }
    // Tells the controller to give the place up; it proves nothing about the password.
    const refusal = encodeRakp3({ tag: this.#tag, status: INTEGRITY_CHECK_FAILED, bmcSessionId: known.bmcSessionId, code: new Uint8Array(0) });
    this.#transmit(encodePacket(PAYLOAD_TYPES.rakp3, refusal), PAYLOAD_TYPES.rakp3, refusal, 1);
    throw this.#error('AUTH_FAILED', 'RAKP 2', 'the password is wrong', 'Check user name and password. It was tried once and is not tried again by itself.');
  }

  async #ask<Body>(
    step: string, payloadType: number, payload: Uint8Array, answerType: number, decode: (payload: Uint8Array) => HandshakeAnswer<Body>,
  ): Promise<HandshakeAnswer<Body> | null> {
    const datagram = encodePacket(payloadType, payload);
    return this.#link.ask(step, {
      tries: this.#setup.tries,
      firstWaitMs: this.#setup.firstWaitMs,
      send: (attempt) => {
        this.#rakp1Repeated ||= attempt > 1 && payloadType === PAYLOAD_TYPES.rakp1;
        this.#transmit(datagram, payloadType, payload, attempt);
      },
      read: (received) => this.#read(received, answerType, decode),
    });
  }

  /** An answer to this handshake, told by its type, the tag and our session id. */
  #read<Body>(datagram: Uint8Array, answerType: number, decode: (payload: Uint8Array) => HandshakeAnswer<Body>): HandshakeAnswer<Body> | undefined {
    if (!isPacket(datagram)) return undefined;
    const packet = decodePacket(datagram);
    if (packet.payloadType !== answerType || packet.encrypted || packet.authenticated) return undefined;
    const answer = decode(packet.payload);
    if (answer.tag !== this.#tag) return undefined;
    if (answer.consoleSessionId === undefined || answer.consoleSessionId === this.#consoleSessionId) return answer;
    // A controller that declines may leave the id empty.
    return answer.body === null && answer.consoleSessionId === 0 ? answer : undefined;
  }

  #transmit(datagram: Uint8Array, payloadType: number, payload: Uint8Array, attempt: number): void {
    if (attempt > 1) this.#link.counters.retransmitted += 1;
    this.#link.transmit(datagram, { payload, payloadType });
  }

  #askCapabilities(): void {
    const message = capabilitiesRequest({ privilegeLevel: this.#privilegeLevel });
    this.#link.transmit(encodeOpenPacketV15(message), { payload: message, payloadType: PAYLOAD_TYPES.ipmi, label: 'Get Channel Authentication Capabilities' });
  }

  #silent(alive: boolean): Outcome {
    if (!alive) {
      const hint = 'Check address, port 623/udp, firewall, and that IPMI over LAN is enabled on the BMC.';
      throw this.#error('UNREACHABLE', 'open session', `no answer to ${this.#setup.tries} packets`, hint, this.#link.silenceDetails);
    }
    const text = `the BMC is there but did not answer ${this.#setup.tries} requests for a session with cipher suite ${this.#suite.id}`;
    return { kind: 'suite refused', error: this.#error('TIMEOUT', 'open session', text, undefined, this.#link.silenceDetails) };
  }

  #timeout(step: string): FerricError {
    return this.#error('TIMEOUT', step, `no answer to ${this.#setup.tries} packets`, undefined, this.#link.silenceDetails);
  }

  #declined(step: 'open session' | 'RAKP 2' | 'RAKP 4', { status, consoleSessionId }: HandshakeAnswer<unknown>): Outcome {
    const { text, code, hint } = explainSessionStatus(status);
    const shown = `0x${status.toString(16).padStart(2, '0')}`;
    const told = `${text} (status ${shown}, cipher suite ${this.#suite.id})`;
    const opening = step === 'open session';
    // Without our session id only its tag of eight bits says that the answer is meant for us: anybody may have guessed that.
    if (!opening && code === 'AUTH_FAILED' && consoleSessionId !== this.#consoleSessionId) {
      throw this.#error('PROTOCOL_FAULT', step, `${told}, without the session id`, hint, { status: shown }, true);
    }
    const error = this.#error(code, step, told, hint, { status: shown });
    if (opening ? !SUITE_INDEPENDENT.has(status) : SUITE_REFUSALS.has(status)) return { kind: 'suite refused', error };
    const mixedUp = status === INTEGRITY_CHECK_FAILED && this.#rakp1Repeated;
    if (mixedUp || HANDSHAKE_FORGOTTEN.has(status)) return { kind: 'forgotten', error };
    throw error;
  }

  #wrongKey(): FerricError {
    const hint = this.#setup.kgKey === undefined ? 'The BMC seems to have a key of its own (Kg): give it.' : 'Check the key of the BMC (Kg).';
    return this.#error('AUTH_FAILED', 'RAKP 4', 'the password is right, but the BMC derived other keys', hint);
  }

  #error(
    code: FerricError['code'], step: string, text: string, hint?: string, details: Readonly<Record<string, string>> = {}, retryable?: boolean,
  ): FerricError {
    const { address } = this.#link;
    return new FerricError(code, `${step} at ${address}: ${text}`, {
      details: { address, step, ...details }, ...(hint === undefined ? {} : { hint }), ...(retryable === undefined ? {} : { retryable }),
    });
  }
}

/** The password as a key. HMAC fills short keys with zeros anyway; a key of no bytes cannot be made. */
function passwordKey(setup: ClientSetup): KeyObject {
  const key = Buffer.alloc(PASSWORD_BYTES);
  key.write(setup.password.reveal());
  return createSecretKey(key);
}

function kgKey(setup: ClientSetup): KeyObject | undefined {
  return setup.kgKey === undefined ? undefined : createSecretKey(Buffer.from(setup.kgKey.reveal(), 'hex'));
}
