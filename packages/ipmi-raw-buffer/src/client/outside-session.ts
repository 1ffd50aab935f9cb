import { type CallOptions, FerricError, withDeadline } from '@ferric/core';
import { decodePresencePong, encodePresencePing, type PresencePong } from '../lan/asf.js';
import { type CipherSuiteRecord, decodeCipherSuiteRecords } from '../lan/cipher-suite-records.js';
import { decodePacket, encodePacket, isPacket, PAYLOAD_TYPES } from '../lan/packet.js';
import { decodePacketV15, encodeOpenPacketV15, isPacketV15 } from '../lan/packet-v15.js';
import { isRmcp } from '../lan/rmcp.js';
import { completionError } from '../message/completion-codes.js';
import { answers, decodeResponseFrame, encodeRequestFrame } from '../message/frame.js';
import { protocolFault } from '../message/protocol-fault.js';
import type { IpmiResponse } from '../message/request.js';
import { capabilitiesRequest, type ChannelAuthenticationCapabilities, decodeChannelAuthenticationCapabilities } from './capabilities.js';
import { PRIVILEGE_LEVELS, type PrivilegeLevel } from './client-types.js';
import { createCounters, Link } from './link.js';
import { checkPeerSettings, formatAddress, type PeerSettings } from './settings.js';

const DEFAULT_TIMEOUT_MS = 20_000;
const PING_TAG = 0x00;
const THIS_CHANNEL = 0x0e;
const CIPHER_SUITES_REQUEST = { netFn: 0x06, command: 0x54 } as const;
const LIST_BY_SUITE = 0x80;
/** An answer with fewer bytes is the last. Source: IPMI 2.0, section 22.15. */
const FULL_ANSWER_BYTES = 16;
/** The list index has six bits. */
const MOST_ANSWERS = 64;

/** A pong, and how long it took. */
export interface PingResult extends Pick<PresencePong, 'enterprise' | 'supportsIpmi'> {
  /** `192.0.2.10:623`. */
  readonly address: string;
  /** From the last ping to the pong. Milliseconds. */
  readonly elapsedMs: number;
}

/**
 * Asks whether a controller is there, without logging in.
 * Default deadline 20 s; about 8 s when nobody answers.
 * @throws UNREACHABLE when nobody answers, TIMEOUT, INVALID_OPTIONS, the caller's reason
 */
export async function ping(settings: PeerSettings, options?: CallOptions): Promise<PingResult> {
  return withLink('presence ping', settings, options, async (link) => {
    const { clock } = link.settings;
    const datagram = encodePresencePing(PING_TAG);
    let sentAt = 0;
    const pong = await askFirst(link, 'presence ping', (attempt) => {
      if (attempt > 1) link.counters.retransmitted += 1;
      sentAt = clock.monotonicMs();
      link.transmit(datagram, { payload: datagram, payloadType: PAYLOAD_TYPES.ipmi, label: 'presence ping' });
    }, (received) => (isRmcp(received, 'asf') ? decodePresencePong(received) : undefined));
    return { address: link.address, enterprise: pong.enterprise, supportsIpmi: pong.supportsIpmi, elapsedMs: clock.monotonicMs() - sentAt };
  });
}

/**
 * Asks a channel which ways to log in it has, without logging in. Default: the channel that is used, for administrators. Default deadline 20 s.
 * @throws UNREACHABLE when nobody answers, TIMEOUT, PROTOCOL_FAULT, INVALID_OPTIONS, what a completion code tells, the caller's reason
 */
export async function getChannelAuthenticationCapabilities(
  settings: PeerSettings & { readonly channel?: number; readonly privilegeLevel?: PrivilegeLevel }, options?: CallOptions,
): Promise<ChannelAuthenticationCapabilities> {
  const step = 'Get Channel Authentication Capabilities';
  const { channel = THIS_CHANNEL, privilegeLevel = 'administrator' } = settings;
  return withLink(step, settings, options, async (link) => {
    const ask = async (v20: boolean): Promise<IpmiResponse> => {
      const message = capabilitiesRequest({ privilegeLevel: PRIVILEGE_LEVELS[privilegeLevel], channel, v20 });
      return askMessage(link, step, { netFn: 0x06, command: 0x38, sequence: 0 }, encodeOpenPacketV15(message), message);
    };
    let response = await ask(true);
    // A controller of IPMI 1.5 may not know the bit that asks for what 2.0 adds.
    if (response.completionCode !== 0) response = await ask(false);
    if (response.completionCode !== 0) throw completionError({ netFn: 0x06, command: 0x38 }, response.completionCode, link.address, step);
    return decodeChannelAuthenticationCapabilities(response.data);
  });
}

/**
 * Asks a channel for its cipher suites, without logging in. Many controllers do not answer, and some tell what is not so: clients of this package
 * open sessions without asking. Default deadline 20 s.
 * @throws UNREACHABLE when nobody answers, TIMEOUT, INVALID_OPTIONS, what a completion code tells, the caller's reason
 */
export async function getChannelCipherSuites(
  settings: PeerSettings & { readonly channel?: number }, options?: CallOptions,
): Promise<readonly CipherSuiteRecord[]> {
  const step = 'Get Channel Cipher Suites';
  const { channel = THIS_CHANNEL } = settings;
  return withLink(step, settings, options, async (link) => {
    const parts: Uint8Array[] = [];
    for (let index = 0; index < MOST_ANSWERS; index += 1) {
      const data = Uint8Array.of(channel, PAYLOAD_TYPES.ipmi, LIST_BY_SUITE | index);
      const expected = { ...CIPHER_SUITES_REQUEST, sequence: index };
      const message = encodeRequestFrame({ ...expected, data });
      const response = await askMessage(link, step, expected, encodePacket(PAYLOAD_TYPES.ipmi, message), message);
      if (response.completionCode !== 0) throw completionError(CIPHER_SUITES_REQUEST, response.completionCode, link.address, step);
      if (response.data.length === 0) throw protocolFault(step, 'the channel', response.data);
      // The channel comes first.
      parts.push(response.data.subarray(1));
      if (response.data.length - 1 < FULL_ANSWER_BYTES) break;
    }
    return decodeCipherSuiteRecords(Buffer.concat(parts));
  });
}

async function withLink<Result>(
  step: string, settings: PeerSettings, options: CallOptions | undefined, work: (link: Link) => Promise<Result>,
): Promise<Result> {
  const peer = checkPeerSettings(settings);
  const address = formatAddress(peer.host, peer.port);
  const deadline = { what: `${step} at ${address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address, step }, clock: peer.clock };
  return withDeadline(options, deadline, async ({ signal }) => {
    const link = await Link.connect(peer, createCounters(), { signal });
    const giveUp = (): void => link.cancel(signal.reason);
    signal.addEventListener('abort', giveUp);
    try {
      return await work(link);
    } finally {
      signal.removeEventListener('abort', giveUp);
      await link.close();
    }
  });
}

async function askMessage(
  link: Link, step: string, expected: { readonly netFn: number; readonly command: number; readonly sequence: number }, datagram: Uint8Array, message: Uint8Array,
): Promise<IpmiResponse> {
  return askFirst(link, step, (attempt) => {
    if (attempt > 1) link.counters.retransmitted += 1;
    link.transmit(datagram, { payload: message, payloadType: PAYLOAD_TYPES.ipmi, label: step });
  }, (received) => {
    const answer = readMessage(received);
    if (answer === undefined) return undefined;
    const response = decodeResponseFrame(answer);
    return answers(response, expected) ? response : undefined;
  });
}

function readMessage(datagram: Uint8Array): Uint8Array | undefined {
  if (isPacketV15(datagram)) return decodePacketV15(datagram).message;
  return isPacket(datagram) ? decodePacket(datagram).payload : undefined;
}

async function askFirst<Answer>(
  link: Link, step: string, send: (attempt: number) => void, read: (datagram: Uint8Array) => Answer | undefined,
): Promise<Answer> {
  const { tries, firstWaitMs } = link.settings;
  const answer = await link.ask(step, { tries, firstWaitMs, send, read });
  if (answer !== null) return answer;
  const { address } = link;
  throw new FerricError('UNREACHABLE', `${step} at ${address}: no answer to ${tries} packets`, {
    details: { address, step, ...link.silenceDetails },
    hint: 'Check address, port 623/udp, firewall, and that IPMI over LAN is enabled on the BMC.',
  });
}
