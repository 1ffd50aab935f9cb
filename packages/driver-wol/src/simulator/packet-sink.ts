import { randomBytes } from 'node:crypto';
import type { RemoteInfo } from 'node:dgram';
import { abortable, createClosing, withDeadline, type CallOptions } from '@ferric/core';
import { bindUdp, closeUdp, familyOf, sendUdp } from '../client/udp.js';
import { findMagicPattern } from './magic-pattern.js';

/** One datagram that arrived. */
export interface SeenPacket {
  readonly at: Date;
  readonly from: { readonly address: string; readonly port: number };
  readonly payload: Uint8Array;
  /** Whom it would wake; absent when it is no magic packet. */
  readonly mac?: string;
  /** The SecureOn bytes behind the pattern as hexadecimal digits; absent when there are none. */
  readonly secureOnHex?: string;
}

export interface PacketSinkOptions {
  /** Address to listen on; `0.0.0.0` and `::` also get broadcasts and multicasts. Default 127.0.0.1. */
  readonly host?: string;
  /** UDP port. Default: a free one. */
  readonly port?: number;
  /** How many packets are kept, default 1000; older ones are dropped. */
  readonly limit?: number;
  /** Called with each packet, in the order of arrival. */
  readonly onPacket?: (packet: SeenPacket) => void;
}

/** Takes datagrams and remembers them, like a network card that is asleep and a witness beside it. */
export interface PacketSink extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The newest packets, oldest first. */
  readonly packets: readonly SeenPacket[];
  /** Resolves once everything sent to the sink before this call was taken in. `timeoutMs` defaults to 5000. */
  settled(options?: CallOptions): Promise<void>;
  /** Resolves with the packets once at least `count` are there. `timeoutMs` defaults to 5000. */
  waitForPackets(count: number, options?: CallOptions): Promise<readonly SeenPacket[]>;
}

const WAIT_MS = 5000;
/** A marker can be lost when the socket's buffer is full; then it is sent again. Milliseconds. */
const MARKER_AGAIN_MS = 200;
const ANY_TO_LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Starts to listen. Rejects with the operating system's error when the address or port cannot be used. */
export async function createPacketSink(options: PacketSinkOptions = {}): Promise<PacketSink> {
  const { host = '127.0.0.1', limit = 1000 } = options;
  const socket = await bindUdp({ family: familyOf(host), address: host, port: options.port ?? 0 });
  const packets: SeenPacket[] = [];
  const markerPrefix = randomBytes(12).toString('hex');
  const markers = new Map<string, () => void>();
  const arrivals = new Set<() => void>();
  const closing = createClosing('The packet sink was closed');

  socket.on('message', (payload: Buffer, from: RemoteInfo) => {
    const text = payload.toString('hex');
    if (text.startsWith(markerPrefix)) {
      markers.get(text)?.();
      return;
    }
    const packet = describePacket(payload, from);
    packets.push(packet);
    if (packets.length > limit) packets.shift();
    options.onPacket?.(packet);
    for (const notify of arrivals) notify();
  });

  const { port } = socket.address();

  // What came before the marker is read before it: a socket's queue keeps its order.
  const passMarker = async (signal: AbortSignal): Promise<void> => {
    const marker = markerPrefix + randomBytes(4).toString('hex');
    const passed = Promise.withResolvers<void>();
    const send = (): Promise<void> => sendMarker(Buffer.from(marker, 'hex'), port, ANY_TO_LOOPBACK[host] ?? host);
    markers.set(marker, passed.resolve);
    const again = setInterval(() => void send().catch(passed.reject), MARKER_AGAIN_MS).unref();
    try {
      await send();
      await abortable(signal, passed.promise);
    } finally {
      clearInterval(again);
      markers.delete(marker);
    }
  };

  const waitFor = async (count: number, signal: AbortSignal): Promise<readonly SeenPacket[]> => {
    const enough = Promise.withResolvers<void>();
    const check = (): void => {
      if (packets.length >= count) enough.resolve();
    };
    arrivals.add(check);
    try {
      check();
      await abortable(signal, enough.promise);
      return [...packets];
    } finally {
      arrivals.delete(check);
    }
  };

  return {
    host,
    port,
    packets,
    settled: (call) =>
      closing.guard(call, (guarded) =>
        withDeadline(guarded, { what: 'settling of the packet sink', defaultTimeoutMs: WAIT_MS }, ({ signal }) => passMarker(signal)),
      ),
    waitForPackets: (count, call) =>
      closing.guard(call, (guarded) =>
        withDeadline(guarded, { what: `waiting for ${count} packets`, defaultTimeoutMs: WAIT_MS }, ({ signal }) => waitFor(count, signal)),
      ),
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      await closeUdp(socket);
    },
  };
}

function describePacket(payload: Buffer, from: RemoteInfo): SeenPacket {
  const pattern = findMagicPattern(payload);
  return {
    at: new Date(),
    from: { address: from.address, port: from.port },
    payload: Uint8Array.from(payload),
    ...(pattern === undefined ? {} : { mac: pattern.mac }),
    ...(pattern === undefined || pattern.secureOnHex === '' ? {} : { secureOnHex: pattern.secureOnHex }),
  };
}

async function sendMarker(marker: Uint8Array, port: number, host: string): Promise<void> {
  const socket = await bindUdp({ family: familyOf(host) });
  try {
    await sendUdp(socket, marker, port, host);
  } finally {
    await closeUdp(socket);
  }
}
