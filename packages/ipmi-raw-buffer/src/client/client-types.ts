import type { CallOptions, Clock, Secret, TranscriptSink } from '@ferric/core';
import type { RequestCarrier } from '../message/request.js';

/** What a session may do. Source: IPMI 1.5, table 18-16. */
export const PRIVILEGE_LEVELS = { callback: 1, user: 2, operator: 3, administrator: 4, oem: 5 } as const;
export type PrivilegeLevel = keyof typeof PRIVILEGE_LEVELS;

/** Suites that the client speaks. 0 to 2 protect too little and are used only when named. Source: IPMI 2.0, table 22-20. */
export const CIPHER_SUITES = [0, 1, 2, 3, 17] as const;
export type CipherSuiteId = (typeof CIPHER_SUITES)[number];

/** When an answer does not come. */
export interface RetrySettings {
  /** How often a packet is sent at most. Default 4. */
  readonly tries?: number;
  /** Wait for the first answer. Milliseconds, default 1000; each further wait is longer by half, give or take a tenth. */
  readonly firstWaitMs?: number;
}

export interface IpmiClientSettings {
  /** Name or address of the BMC. A name is looked up when a session is opened. */
  readonly host: string;
  /** UDP port, default 623. */
  readonly port?: number;
  /** At most 16 bytes. Default empty: the null user. */
  readonly username?: string;
  /** At most 20 bytes of UTF-8; 16 with IPMI 1.5. Default empty. */
  readonly password?: Secret | string;
  /** Key of the BMC itself (Kg) as hexadecimal digits, at most 20 bytes. Default: the password is used in its place. */
  readonly kgKey?: Secret | string;
  /** Default administrator. */
  readonly privilegeLevel?: PrivilegeLevel;
  /** Default `best`: 17, and 3 where the BMC does not know 17. A number is used as it is, or the session is refused. */
  readonly cipherSuite?: CipherSuiteId | 'best';
  /** Default 2.0. With 1.5 nothing is encrypted; it is used only when named. */
  readonly protocol?: '2.0' | '1.5';
  /** The sockets to use, shared with other clients. Default: one of its own. */
  readonly transport?: IpmiTransport;
  readonly retry?: RetrySettings;
  /** An open session without requests is closed after this time. Milliseconds, default 20000; BMCs forget it after 60 s. */
  readonly idleMs?: number;
  /** Requests that may wait for their turn. One more is refused as BUSY. Default 64. */
  readonly queueLimit?: number;
  readonly clock?: Clock;
  /** Default: no transcript, which costs nothing. Packets are recorded decrypted, with secrets replaced. */
  readonly transcript?: TranscriptSink;
}

/** An open session, as it was agreed. */
export interface SessionFacts {
  readonly protocol: '2.0' | '1.5';
  /** Null with IPMI 1.5. */
  readonly cipherSuite: CipherSuiteId | null;
  readonly privilegeLevel: PrivilegeLevel;
  /** Of the BMC as the handshake showed it, 16 bytes in the order of the wire; null with IPMI 1.5. */
  readonly guid: Uint8Array | null;
}

/** What the client counted since it was made. */
export interface ClientCounters {
  readonly sent: number;
  readonly retransmitted: number;
  readonly received: number;
  readonly sessionsOpened: number;
  readonly sessionsClosed: number;
  /** Packets that were dropped: wrong integrity check or not of this session. */
  readonly forged: number;
  /** Packets that were dropped: seen before or too old. */
  readonly replayed: number;
  /** Packets that were dropped: no IPMI, or nobody waits for them any more. */
  readonly unexpected: number;
}

/** What a payload beside IPMI messages is told. Both are called at once and must not throw. */
export interface PayloadListener {
  receive(payload: Uint8Array): void;
  /** The session is gone: nothing more comes and nothing can be sent. */
  ended(reason: Error): void;
}

/** A payload beside IPMI messages in the client's session, such as serial over LAN. Dispose it to let the session become idle again. */
export interface PayloadChannel extends Disposable {
  /** Sends one packet, protected as the session is. Throws CONFLICT when the session is gone. */
  send(payload: Uint8Array): void;
  /** What the session agreed on. */
  readonly session: SessionFacts;
}

/**
 * One BMC, through one session that is opened when first used, kept while it is used, and always closed again.
 * Requests go out one after the other; each settles by its deadline, 20 s unless the caller says otherwise.
 */
export interface IpmiClient extends RequestCarrier, AsyncDisposable {
  /** Opens the session unless it is open. */
  session(options?: CallOptions): Promise<SessionFacts>;
  /** Closes the session, if one is open; the next request opens another. */
  close(options?: CallOptions): Promise<void>;
  /** Takes part in the session with a payload type of its own (1: serial over LAN). While it is open the session is kept alive. At most one for each type: CONFLICT. */
  openPayload(payloadType: number, listener: PayloadListener, options?: CallOptions): Promise<PayloadChannel>;
  readonly counters: ClientCounters;
}

/** What takes datagrams of one address from a transport. */
export interface DatagramListener {
  receive(datagram: Uint8Array): void;
  /** The system told that nobody listens there, or that there is no way. */
  failed(error: Error): void;
}

/** UDP sockets that many clients share: one for each address family, opened when first used. Disposing closes them. */
export interface IpmiTransport extends AsyncDisposable {
  /** Listens to one peer. Looks names up. Throws UNREACHABLE for a name without address, CONFLICT when the peer is listened to already. */
  connect(host: string, port: number, listener: DatagramListener, options?: CallOptions): Promise<TransportPeer>;
}

export interface TransportPeer extends Disposable {
  /** The address that a name was looked up to, and the port: `192.0.2.10:623`. */
  readonly address: string;
  send(datagram: Uint8Array): void;
}
