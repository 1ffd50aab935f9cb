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
/** Ways to log in, the best first. MD2 is not spoken. */
const PREFERRED_AUTH_TYPES = [AUTH_TYPES.md5, AUTH_TYPES.password, AUTH_TYPES.none];

/**
 * Opens a session of IPMI 1.5; the link has it from then on.
 * Source: IPMI 1.5, sections 18.12 to 18.15.
 * @throws UNREACHABLE, TIMEOUT, AUTH_FAILED, UNSUPPORTED, BUSY, PROTOCOL_FAULT, and what the link is cancelled with
 */
export async function openSessionV15(link: Link, setup: ClientSetup): Promise<SessionV15> {
  const handshake = new HandshakeV15(link, setup);
  const authType = await handshake.chooseAuthType();
  const challenge = await handshake.getChallenge(authType);
  const session = await handshake.activate(authType, challenge);
  link.session = session;
  return session;
}

/** What it means when a step stays unanswered. */
const SILENCE: Readonly<Record<string, { readonly code: FerricErrorCode; readonly hint: string }>> = {
  [GET_CAPABILITIES]: { code: 'UNREACHABLE', hint: 'Check address, port 623/udp, firewall, and that IPMI over LAN is enabled on the BMC.' },
  [ACTIVATE]: { code: 'AUTH_FAILED', hint: 'The BMC answered until it saw the password; some stay silent when it is wrong. It is not tried again by itself.' },
};

class HandshakeV15 {
  readonly #link: Link;
  readonly #setup: ClientSetup;
  readonly #privilegeLevel: number;
  readonly #password: Buffer = Buffer.alloc(AUTH_CODE_BYTES);

  constructor(link: Link, setup: ClientSetup) {
    this.#link = link;
    this.#setup = setup;
    this.#privilegeLevel = PRIVILEGE_LEVELS[setup.privilegeLevel];
    this.#password.write(setup.password.reveal());
  }

  async chooseAuthType(): Promise<number> {
    const message = capabilitiesRequest({ privilegeLevel: this.#privilegeLevel, v20: false });
    const data = await this.#carryOut({ name: GET_CAPABILITIES, command: 0x38, sequence: 0, message });
    const capabilities = decodeChannelAuthenticationCapabilities(data);
    const chosen = PREFERRED_AUTH_TYPES.find((type) => capabilities.authTypes.includes(type));
    if (chosen !== undefined) return chosen;
    throw this.#unsupported(capabilities);
  }

  async getChallenge(authType: number): Promise<{ readonly sessionId: number; readonly challenge: Uint8Array }> {
    const username = Buffer.alloc(USERNAME_BYTES);
    username.set(this.#setup.username);
    const message = encodeRequestFrame({ netFn: APPLICATION, command: 0x39, sequence: 1, data: Buffer.concat([Uint8Array.of(authType), username]) });
    const data = await this.#carryOut({ name: GET_CHALLENGE, command: 0x39, sequence: 1, message });
    if (data.length < CHALLENGE_ANSWER_BYTES) throw protocolFault(GET_CHALLENGE, `${CHALLENGE_ANSWER_BYTES} bytes`, data);
    return { sessionId: Buffer.from(data).readUInt32LE(0), challenge: data.subarray(4, CHALLENGE_ANSWER_BYTES) };
  }

  async activate(authType: number, { sessionId, challenge }: { readonly sessionId: number; readonly challenge: Uint8Array }): Promise<SessionV15> {
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
    const { code, hint } = SILENCE[name] ?? { code: 'TIMEOUT', hint: 'The BMC may be slow; try again.' };
    return new FerricError(code, `${name} at ${address}: no answer to ${tries} packets`, { details: { address, step: name }, hint });
  }

  #declined({ name, command }: Step, completionCode: number): FerricError {
    const { address } = this.#link;
    const error = completionError({ netFn: APPLICATION, command }, completionCode, address, name);
    if (name !== ACTIVATE || error.code === 'BUSY' || error.code === 'AUTH_FAILED') return error;
    // There is no code for a wrong password: controllers use what they like.
    return new FerricError('AUTH_FAILED', error.message, { details: error.details, hint: 'Check user name and password. It was tried once and is not tried again by itself.' });
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
