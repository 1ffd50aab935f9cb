import { type CallOptions, FerricError } from '@ferric/core';
import { decodePacket, isPacket, PAYLOAD_TYPES } from '../lan/packet.js';
import { decodePacketV15 } from '../lan/packet-v15.js';
import { encodeRequestFrame } from '../message/frame.js';
import type { ClientCounters, DatagramListener, IpmiTransport, PayloadListener, TransportPeer } from './client-types.js';
import { Exchange, type Question } from './exchange.js';
import { maskBytes } from './secret-requests.js';
import type { Session } from './session.js';
import { formatAddress, type Peer } from './settings.js';
import { createIpmiTransport } from './transport.js';

export type Counters = { -readonly [Name in keyof ClientCounters]: number };

export function createCounters(): Counters {
  return { sent: 0, retransmitted: 0, received: 0, sessionsOpened: 0, sessionsClosed: 0, forged: 0, replayed: 0, unexpected: 0 };
}

/** What a packet is called in the transcript, and from which byte of its payload on it must not be seen. */
interface HandshakeLabel {
  readonly label: string;
  readonly secretFrom?: number;
}

/** The codes of RAKP allow passwords to be guessed at leisure. */
const HANDSHAKE_LABELS: ReadonlyMap<number, HandshakeLabel> = new Map([
  [PAYLOAD_TYPES.openSessionRequest, { label: 'open session request' }],
  [PAYLOAD_TYPES.openSessionResponse, { label: 'open session response' }],
  [PAYLOAD_TYPES.rakp1, { label: 'RAKP 1' }],
  [PAYLOAD_TYPES.rakp2, { label: 'RAKP 2', secretFrom: 40 }],
  [PAYLOAD_TYPES.rakp3, { label: 'RAKP 3', secretFrom: 8 }],
  [PAYLOAD_TYPES.rakp4, { label: 'RAKP 4', secretFrom: 8 }],
  [PAYLOAD_TYPES.sol, { label: 'serial over LAN' }],
]);

/** How a packet is recorded. */
export interface Recording {
  /** What the packet carries, in clear. */
  readonly payload: Uint8Array;
  readonly payloadType: number;
  /** Default: as the payload type is called. */
  readonly label?: string;
  readonly secretFrom?: number | undefined;
}

/**
 * The way to one controller while it is in use: packets out and in, at most one question at a time, and the session once there is one.
 */
export class Link implements DatagramListener {
  readonly counters: Counters;
  readonly settings: Peer;
  /** Session of the packets from now on. Without one, datagrams are shown to the question as they come. */
  session: Session | undefined;
  /** Listeners to payloads beside IPMI messages. */
  readonly payloads = new Map<number, PayloadListener>();
  #peer: TransportPeer | undefined;
  #ownTransport: IpmiTransport | undefined;
  #exchange: Pick<Exchange<unknown>, 'attempts' | 'fault' | 'passedOnTo' | 'offer' | 'fail'> | undefined;
  #label = '';
  #secretFrom: number | undefined;
  #broken: Error | undefined;
  #lastFault: string | undefined;

  private constructor(settings: Peer, counters: Counters) {
    this.settings = settings;
    this.counters = counters;
  }

  /** Looks the name up and takes a place at the transport. Throws what {@link IpmiTransport.connect} throws. */
  static async connect(settings: Peer, counters: Counters, options?: CallOptions): Promise<Link> {
    const link = new Link(settings, counters);
    const transport = settings.transport ?? (link.#ownTransport = createIpmiTransport());
    try {
      link.#peer = await transport.connect(settings.host, settings.port, link, options);
    } catch (error) {
      await link.close();
      throw error;
    }
    return link;
  }

  get address(): string {
    return this.#peer?.address ?? formatAddress(this.settings.host, this.settings.port);
  }

  /** How often the present question was sent; 0 when there is none. */
  get attempts(): number {
    return this.#exchange?.attempts ?? 0;
  }

  /** Why the last answer to the present question could not be read, if one came. */
  get fault(): string | undefined {
    return messageOf(this.#exchange?.fault);
  }

  /** The controller behind the BMC that the present question was passed on to, if the BMC said so. */
  get passedOnTo(): string | undefined {
    return this.#exchange?.passedOnTo;
  }

  /** What the last question has to tell in an error when it got no answer: what came and could not be read, if anything came. */
  get silenceDetails(): Readonly<Record<string, string>> {
    return this.#lastFault === undefined ? {} : { unreadable: this.#lastFault };
  }

  /**
   * Asks, and yields the answer, or null when all tries were used up.
   * @param label names the answer in the transcript
   */
  async ask<Answer>(label: string, question: Question<Answer>): Promise<Answer | null> {
    if (this.#broken !== undefined) throw this.#broken;
    const exchange = new Exchange(question, this.settings.clock);
    this.#exchange = exchange;
    this.#label = label;
    this.#secretFrom = question.secretFrom;
    exchange.start();
    try {
      return await exchange.answer;
    } finally {
      this.#lastFault = messageOf(exchange.fault);
      this.#exchange = undefined;
    }
  }

  /** Ends the present question, which rejects with this. */
  cancel(error: unknown): void {
    this.#exchange?.fail(error);
  }

  /** Hands a datagram to the transport. */
  transmit(datagram: Uint8Array, recording: Recording): void {
    this.counters.sent += 1;
    if (this.settings.transcript !== undefined) this.#record('out', recording);
    this.#peer?.send(datagram);
  }

  /** Sends a payload inside the session. */
  transmitSealed(payloadType: number, payload: Uint8Array, label?: string, secretFrom?: number): void {
    if (this.session === undefined) throw new FerricError('CONFLICT', `The session with ${this.address} is gone`, { details: { address: this.address } });
    this.transmit(this.session.seal(payloadType, payload), { payload, payloadType, ...(label === undefined ? {} : { label }), secretFrom });
  }

  receive(datagram: Uint8Array): void {
    this.counters.received += 1;
    if (this.session === undefined) this.#receiveOpen(datagram);
    else this.#receiveSealed(this.session, datagram);
  }

  failed(error: Error): void {
    const reason = FerricError.is(error)
      ? error
      : new FerricError('UNREACHABLE', `A packet to ${this.address} could not be sent: ${error.message}`, { cause: error, details: { address: this.address } });
    // A transport that was closed stays closed; a packet that could not be sent may be sent a moment later.
    if (reason.code === 'ABORTED') this.breakOff(reason);
    else this.cancel(reason);
  }

  /** Nothing goes through any more: the question and the payloads end with this reason. */
  breakOff(reason: Error): void {
    this.#broken ??= reason;
    this.session = undefined;
    this.cancel(reason);
    const listeners = [...this.payloads.values()];
    this.payloads.clear();
    for (const listener of listeners) listener.ended(reason);
  }

  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** Tells the controller, without waiting, that the session is not used any more: its slots are few. */
  sayGoodbye(): void {
    const { session } = this;
    if (session === undefined) return;
    const data = Buffer.allocUnsafe(4);
    data.writeUInt32LE(session.bmcSessionId);
    this.transmitSealed(PAYLOAD_TYPES.ipmi, encodeRequestFrame({ netFn: 0x06, command: 0x3c, sequence: 0, data }), 'Close Session');
  }

  /** Gives the place at the transport back. */
  async close(): Promise<void> {
    this.breakOff(new FerricError('ABORTED', `The connection to ${this.address} was closed`));
    this.#peer?.[Symbol.dispose]();
    await this.#ownTransport?.[Symbol.asyncDispose]();
  }

  #receiveOpen(datagram: Uint8Array): void {
    if (this.settings.transcript !== undefined) this.#record('in', describeDatagram(datagram, this.#label));
    if (this.#exchange?.offer(datagram) !== true) this.counters.unexpected += 1;
  }

  #receiveSealed(session: Session, datagram: Uint8Array): void {
    const packet = openPacket(session, datagram);
    if (typeof packet === 'string') {
      this.counters[packet] += 1;
      return;
    }
    const { payload, payloadType } = packet;
    if (payloadType === PAYLOAD_TYPES.ipmi) {
      const expected = this.#exchange?.offer(payload) === true;
      if (!expected) this.counters.unexpected += 1;
      if (this.settings.transcript !== undefined) {
        this.#record('in', { payload, payloadType, label: expected ? this.#label : 'unexpected message', secretFrom: this.#secretFrom });
      }
      return;
    }
    if (this.settings.transcript !== undefined) this.#record('in', { payload, payloadType });
    const listener = this.payloads.get(payloadType);
    if (listener === undefined) this.counters.unexpected += 1;
    else listener.receive(payload);
  }

  #record(direction: 'out' | 'in', { payload, payloadType, label, secretFrom }: Recording): void {
    const known = HANDSHAKE_LABELS.get(payloadType);
    const maskFrom = secretFrom ?? known?.secretFrom;
    this.settings.transcript?.record({
      at: this.settings.clock.now(),
      direction,
      peer: `udp ${this.address}`,
      protocol: 'ipmi',
      label: label ?? known?.label ?? `payload type ${payloadType}`,
      payload: maskFrom === undefined ? payload : maskBytes(payload, maskFrom),
    });
  }
}

function messageOf(fault: unknown): string | undefined {
  return fault instanceof Error ? fault.message : undefined;
}

function openPacket(session: Session, datagram: Uint8Array): ReturnType<Session['open']> {
  try {
    return session.open(datagram);
  } catch {
    return 'unexpected';
  }
}

/** A datagram outside a session, as the transcript shows it: without the header, which may hold a password with IPMI 1.5. */
function describeDatagram(datagram: Uint8Array, label: string): Recording {
  try {
    if (!isPacket(datagram)) return { payload: decodePacketV15(datagram).message, payloadType: PAYLOAD_TYPES.ipmi, label };
    const { payload, payloadType } = decodePacket(datagram);
    return payloadType === PAYLOAD_TYPES.ipmi ? { payload, payloadType, label } : { payload, payloadType };
  } catch {
    return { payload: datagram, payloadType: PAYLOAD_TYPES.ipmi, label: 'unreadable packet', secretFrom: 5 };
  }
}
