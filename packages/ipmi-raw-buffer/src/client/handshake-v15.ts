import { randomBytes } from 'node:crypto';
import { FerricError, type FerricErrorCode } from '@ferric/core';
import { PAYLOAD_TYPES } from '../lan/packet.js';
import { AUTH_CODE_BYTES, AUTH_TYPES, decodePacketV15, encodePacketV15, isPacketV15, verifyAuthCode } from '../lan/packet-v15.js';
import { completionError } from '../message/completion-codes.js';
import { answers, decodeResponseFrame, encodeRequestFrame } from '../message/frame.js';
import { protocolFault } from '../message/protocol-fault.js';
import type { IpmiResponse } from '../message/request.js';
import { capabilitiesRequest, type ChannelAuthenticationCapabilities, decodeChannelAuthenticationCapabilities } from './capabilities.js';
import { PRIVILEGE_LEVELS } from './client-types.js';
import type { Link } from './link.js';
import { SessionV15 } from './session-v15.js';
import type { ClientSetup } from './settings.js';

/** Step of the handshake: its request, and how it is addressed. */
interface Step {
  readonly name: string;
  readonly command: number;
  /** rqSeq. */
  readonly sequence: number;
  readonly message: Uint8Array;
  readonly authType?: number;
  readonly sessionId?: number;
}

const APPLICATION = 0x06;
const GET_CAPABILITIES = 'Get Channel Authentication Capabilities';
const GET_CHALLENGE = 'Get Session Challenge';
const ACTIVATE = 'Activate Session';
const USERNAME_BYTES = 16;
const CHALLENGE_ANSWER_BYTES = 20;
const ACTIVATE_ANSWER_BYTES = 9;
/** A wrong password is answered by silence on some controllers, and may count each time. One repetition makes up for a lost packet. */
const ACTIVATE_TRIES = 2;
/** Completion code of Activate Session. Source: IPMI 1.5, section 18.15. */
const INVALID_SESSION_ID = 0x85;
/** Ways to log in, the best first. MD2 is not spoken. */
const PREFERRED_AUTH_TYPES = [AUTH_TYPES.md5, AUTH_TYPES.password, AUTH_TYPES.none];

/** How one attempt ended that did not fail for good. */
type Outcome =
  | { readonly kind: 'open'; readonly session: SessionV15 }
  /** The controller lost track of the handshake; starting over may do. */
  | { readonly kind: 'forgotten'; readonly error: FerricError };

/**
 * Opens a session of IPMI 1.5; the link has it from then on. Activate Session, which proves the password, is sent twice at most;
 * when the controller took the first for done and its answer was lost, all starts over once, so that it is sent four times at most.
 * Silence to it is TIMEOUT, not to be retried by itself: the password may be wrong, or the packets lost.
 * Source: IPMI 1.5, sections 18.12 to 18.15.
 * @throws UNREACHABLE, TIMEOUT, AUTH_FAILED, UNSUPPORTED, BUSY, PROTOCOL_FAULT, and what the link is cancelled with
 */
export async function openSessionV15(link: Link, setup: ClientSetup): Promise<SessionV15> {
  let outcome = await new HandshakeV15(link, setup).run();
  if (outcome.kind === 'forgotten') outcome = await new HandshakeV15(link, setup).run();
  if (outcome.kind === 'forgotten') throw outcome.error;
  link.session = outcome.session;
  return outcome.session;
}

/** What it means when a step stays unanswered. */
const SILENCE: Readonly<Record<string, { readonly code: FerricErrorCode; readonly hint: string; readonly retryable: boolean }>> = {
  [GET_CAPABILITIES]: { code: 'UNREACHABLE', hint: 'Check address, port 623/udp, firewall, and that IPMI over LAN is enabled on the BMC.', retryable: true },
  // Each further try may count as a wrong password, and lock the account.
  [ACTIVATE]: { code: 'TIMEOUT', hint: 'With IPMI 1.5 a wrong password shows as silence on many BMCs: check user name and password, then try again.', retryable: false },
};

class HandshakeV15 {
  readonly #link: Link;
  readonly #setup: ClientSetup;
  readonly #privilegeLevel: number;
  readonly #password: Buffer = Buffer.alloc(AUTH_CODE_BYTES);
  #activations = 0;
  #forgotten: FerricError | undefined;

  constructor(link: Link, setup: ClientSetup) {
    this.#link = link;
    this.#setup = setup;
    this.#privilegeLevel = PRIVILEGE_LEVELS[setup.privilegeLevel];
    this.#password.write(setup.password.reveal());
  }

  async run(): Promise<Outcome> {
    const authType = await this.#chooseAuthType();
    const challenge = await this.#getChallenge(authType);
    try {
      return { kind: 'open', session: await this.#activate(authType, challenge) };
    } catch (error) {
      if (this.#forgotten !== undefined) return { kind: 'forgotten', error: this.#forgotten };
      throw error;
    }
  }

  async #chooseAuthType(): Promise<number> {
    const message = capabilitiesRequest({ privilegeLevel: this.#privilegeLevel, v20: false });
    const data = await this.#carryOut({ name: GET_CAPABILITIES, command: 0x38, sequence: 0, message });
    const capabilities = decodeChannelAuthenticationCapabilities(data);
    const chosen = PREFERRED_AUTH_TYPES.find((type) => capabilities.authTypes.includes(type));
    if (chosen !== undefined) return chosen;
    throw this.#unsupported(capabilities);
  }

  async #getChallenge(authType: number): Promise<{ readonly sessionId: number; readonly challenge: Uint8Array }> {
    const username = Buffer.alloc(USERNAME_BYTES);
    username.set(this.#setup.username);
    const message = encodeRequestFrame({ netFn: APPLICATION, command: 0x39, sequence: 1, data: Buffer.concat([Uint8Array.of(authType), username]) });
    const data = await this.#carryOut({ name: GET_CHALLENGE, command: 0x39, sequence: 1, message });
    if (data.length < CHALLENGE_ANSWER_BYTES) throw protocolFault(GET_CHALLENGE, `${CHALLENGE_ANSWER_BYTES} bytes`, data);
    return { sessionId: Buffer.from(data).readUInt32LE(0), challenge: data.subarray(4, CHALLENGE_ANSWER_BYTES) };
  }

  async #activate(authType: number, { sessionId, challenge }: { readonly sessionId: number; readonly challenge: Uint8Array }): Promise<SessionV15> {
    // The sequence number that the controller starts with; 0 is none.
    const outbound = randomBytes(4);
    if (outbound.readUInt32LE() === 0) outbound[0] = 1;
    const head = Uint8Array.of(authType, this.#privilegeLevel);
    const message = encodeRequestFrame({ netFn: APPLICATION, command: 0x3a, sequence: 2, data: Buffer.concat([head, challenge, outbound]) });
    const data = Buffer.from(await this.#carryOut({ name: ACTIVATE, command: 0x3a, sequence: 2, message, authType, sessionId }));
    if (data.length < ACTIVATE_ANSWER_BYTES) throw protocolFault(ACTIVATE, `${ACTIVATE_ANSWER_BYTES} bytes`, data);
    return new SessionV15({
      authType: data[0] ?? 0,
      sessionId: data.readUInt32LE(1),
      firstSequence: data.readUInt32LE(5),
      password: this.#password,
      privilegeLevel: this.#setup.privilegeLevel,
    });
  }

  async #carryOut(step: Step): Promise<Uint8Array> {
    const { name, message, authType = AUTH_TYPES.none, sessionId = 0 } = step;
    const tries = name === ACTIVATE ? Math.min(this.#setup.tries, ACTIVATE_TRIES) : this.#setup.tries;
    const datagram = encodePacketV15({ authType, sessionId, sequence: 0, password: this.#password }, message);
    const response = await this.#link.ask(name, {
      tries,
      firstWaitMs: this.#setup.firstWaitMs,
      send: (attempt) => {
        if (attempt > 1) this.#link.counters.retransmitted += 1;
        if (name === ACTIVATE) this.#activations = attempt;
        this.#link.transmit(datagram, { payload: message, payloadType: PAYLOAD_TYPES.ipmi, label: name });
      },
      read: (received) => this.#read(received, step),
    });
    if (response === null) throw this.#silent(name, tries);
    if (response.completionCode === 0) return response.data;
    throw this.#declined(step, response.completionCode);
  }

  #read(datagram: Uint8Array, { command, sequence, authType = AUTH_TYPES.none }: Step): IpmiResponse | undefined {
    if (!isPacketV15(datagram)) return undefined;
    const packet = decodePacketV15(datagram);
    const response = decodeResponseFrame(packet.message);
    if (!answers(response, { netFn: APPLICATION, command, sequence })) return undefined;
    // A refusal may come without code; who accepts must prove itself.
    if (authType === AUTH_TYPES.none || response.completionCode !== 0 || verifyAuthCode(packet, this.#password)) return response;
    this.#link.counters.forged += 1;
    return undefined;
  }

  #silent(name: string, tries: number): FerricError {
    const { address } = this.#link;
    const { code, hint, retryable } = SILENCE[name] ?? { code: 'TIMEOUT', hint: 'The BMC may be slow; try again.', retryable: true };
    const details = { address, step: name, ...this.#link.silenceDetails };
    return new FerricError(code, `${name} at ${address}: no answer to ${tries} packets`, { details, hint, retryable });
  }

  #declined({ name, command }: Step, completionCode: number): FerricError {
    const { address } = this.#link;
    const error = completionError({ netFn: APPLICATION, command }, completionCode, address, name);
    if (name !== ACTIVATE || error.code === 'BUSY' || error.code === 'AUTH_FAILED') return error;
    if (completionCode === INVALID_SESSION_ID && this.#activations > 1) {
      // The first copy was taken, and the temporary session id with it: what is declined is the second.
      this.#forgotten = error;
      return error;
    }
    // There is no code for a wrong password: controllers use what they like.
    return new FerricError('AUTH_FAILED', error.message, { details: error.details, hint: 'Check user name and password. It is not tried again by itself.' });
  }

  #unsupported({ authTypes, supportsV15 }: ChannelAuthenticationCapabilities): FerricError {
    const { address } = this.#link;
    const offered = authTypes.length === 0 ? 'nothing' : `only the authentication types ${authTypes.join(', ')}`;
    return new FerricError('UNSUPPORTED', `${GET_CAPABILITIES} at ${address}: the BMC offers ${offered} for IPMI 1.5`, {
      details: { address, step: GET_CAPABILITIES, authTypes },
      hint: supportsV15 ? 'Enable MD5 for this channel of the BMC, or set the protocol to 2.0.' : 'Set the protocol to 2.0.',
    });
  }
}
