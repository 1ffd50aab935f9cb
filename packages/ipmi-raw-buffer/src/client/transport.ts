import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, SocketAddress } from 'node:net';
import { type CallOptions, FerricError, throwIfAborted, withDeadline } from '@ferric/core';
import type { DatagramListener, IpmiTransport, TransportPeer } from './client-types.js';
import { formatAddress } from './settings.js';

export interface IpmiTransportSettings {
  /** Room for answers that were not read yet, for all peers together; the system may grant less. Bytes, default 4 MiB. */
  readonly receiveBufferBytes?: number;
}

type Family = 4 | 6;

const DEFAULT_RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const LOOK_UP_TIMEOUT_MS = 20_000;
const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * UDP sockets that many clients share: one for each address family, opened when first used.
 * They keep the process alive only while a peer is connected. Disposing closes them and fails whoever still listens.
 */
export function createIpmiTransport(settings: IpmiTransportSettings = {}): IpmiTransport {
  return new UdpTransport(settings.receiveBufferBytes ?? DEFAULT_RECEIVE_BUFFER_BYTES);
}

class UdpTransport implements IpmiTransport {
  readonly #receiveBufferBytes: number;
  readonly #peers = new Map<string, Peer>();
  readonly #sockets = new Map<Family, Promise<FamilySocket>>();
  #closing: Promise<void> | undefined;

  constructor(receiveBufferBytes: number) {
    this.#receiveBufferBytes = receiveBufferBytes;
  }

  async connect(host: string, port: number, listener: DatagramListener, options?: CallOptions): Promise<TransportPeer> {
    throwIfAborted(options?.signal);
    const { address, family } = await resolveHost(host, options);
    const socket = await this.#socket(family);
    throwIfAborted(options?.signal);
    if (this.#closing !== undefined) throw closedError();
    const key = peerKey(address, port);
    if (this.#peers.has(key)) {
      throw new FerricError('CONFLICT', `${formatAddress(address, port)} is in use by another client of this transport`, {
        details: { address: formatAddress(address, port) },
        hint: 'Use one client for one BMC: it shares its session among all callers.',
      });
    }
    const peer = new Peer(socket, address, port, listener, () => this.#peers.delete(key));
    this.#peers.set(key, peer);
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #socket(family: Family): Promise<FamilySocket> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    const known = this.#sockets.get(family);
    if (known !== undefined) return known;
    const opened = openSocket(family, this.#receiveBufferBytes, (datagram, address, port) => this.#peers.get(peerKey(address, port))?.receive(datagram));
    this.#sockets.set(family, opened);
    // A socket that could not be opened is tried again by the next peer.
    opened.catch(() => this.#sockets.delete(family));
    return opened;
  }

  async #close(): Promise<void> {
    for (const peer of this.#peers.values()) peer.fail(closedError());
    this.#peers.clear();
    const opened = await Promise.allSettled(this.#sockets.values());
    const sound = opened.filter((result) => result.status === 'fulfilled');
    await Promise.all(sound.map(async (result) => result.value.close()));
  }
}

class Peer implements TransportPeer {
  readonly address: string;
  readonly #socket: FamilySocket;
  readonly #host: string;
  readonly #port: number;
  readonly #listener: DatagramListener;
  readonly #forget: () => void;
  readonly #sent: (error: Error | null) => void;
  #connected = true;

  constructor(socket: FamilySocket, host: string, port: number, listener: DatagramListener, forget: () => void) {
    this.address = formatAddress(host, port);
    this.#socket = socket;
    this.#host = host;
    this.#port = port;
    this.#listener = listener;
    this.#forget = forget;
    this.#sent = (error) => {
      if (error !== null && this.#connected) listener.failed(error);
    };
    socket.hold();
  }

  send(datagram: Uint8Array): void {
    if (this.#connected) this.#socket.send(datagram, this.#port, this.#host, this.#sent);
  }

  receive(datagram: Uint8Array): void {
    this.#listener.receive(datagram);
  }

  fail(error: Error): void {
    if (this.#disconnect()) this.#listener.failed(error);
  }

  [Symbol.dispose](): void {
    if (this.#disconnect()) this.#forget();
  }

  #disconnect(): boolean {
    if (!this.#connected) return false;
    this.#connected = false;
    this.#socket.release();
    return true;
  }
}

/** A socket that keeps the process alive only while somebody holds it. */
class FamilySocket {
  readonly #socket: Socket;
  #holders = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.unref();
  }

  hold(): void {
    if (this.#holders === 0) this.#socket.ref();
    this.#holders += 1;
  }

  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#socket.unref();
  }

  send(datagram: Uint8Array, port: number, address: string, sent: (error: Error | null) => void): void {
    this.#socket.send(datagram, port, address, sent);
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

async function openSocket(
  family: Family, receiveBufferBytes: number, receive: (datagram: Uint8Array, address: string, port: number) => void,
): Promise<FamilySocket> {
  const socket = createSocket({
    type: family === 4 ? 'udp4' : 'udp6',
    ipv6Only: family === 6,
    // Addresses are looked up when a peer connects; the default would look each one up again for every packet.
    lookup: (address, _options, callback) => callback(null, address, family),
  });
  try {
    const listening = once(socket, 'listening');
    // exclusive: in a cluster the primary process would otherwise hand out one socket to all workers.
    socket.bind({ port: 0, exclusive: true });
    await listening;
  } catch (error) {
    socket.close();
    throw new FerricError('UNREACHABLE', `No UDP socket for IPv${family} could be opened`, { cause: error });
  }
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch {
    // A smaller buffer loses more packets under load; they are asked for again.
  }
  // Each send reports its own failure to its callback; an error event without listener would end the process.
  socket.on('error', () => undefined);
  socket.on('message', (datagram, remote) => receive(datagram, remote.address, remote.port));
  return new FamilySocket(socket);
}

/** The address of a host in the form in which the system tells where a datagram came from. IPv4 comes first. */
async function resolveHost(host: string, options?: CallOptions): Promise<{ readonly address: string; readonly family: Family }> {
  const written = isIP(host);
  if (written !== 0) return canonicalAddress(host, written === 6 ? 6 : 4);
  return withDeadline(options, { what: `Looking up ${host}`, defaultTimeoutMs: LOOK_UP_TIMEOUT_MS, details: { address: host, step: 'look up' } }, async () => {
    try {
      const { address, family } = await lookup(host, { order: 'ipv4first' });
      return canonicalAddress(address, family === 6 ? 6 : 4);
    } catch (error) {
      throw new FerricError('UNREACHABLE', `${host} has no address`, { cause: error, details: { address: host, step: 'look up' } });
    }
  });
}

function canonicalAddress(host: string, family: Family): { readonly address: string; readonly family: Family } {
  if (family === 4) return { address: host, family };
  const [written = '', scope] = host.split('%');
  const { address } = new SocketAddress({ address: written, family: 'ipv6', port: 0 });
  const [, mapped] = MAPPED_IPV4.exec(address) ?? [];
  if (mapped !== undefined) return { address: mapped, family: 4 };
  return { address: scope === undefined ? address : `${address}%${scope}`, family };
}

function peerKey(address: string, port: number): string {
  return `${address} ${port}`;
}

function closedError(): FerricError {
  return new FerricError('ABORTED', 'The transport was closed');
}
