import {
  abortable, delay, silentLogger, systemClock, throwIfAborted, withDeadline,
  type CallOptions, type Clock, type Logger, type Secret, type TranscriptFrame, type TranscriptSink,
} from '@ferric/core';
import { formatHost } from './host.js';
import { encodeMagicPacket, hideSecureOn, MAGIC_PACKET_BYTES } from './magic-packet.js';
import type { WakeNetwork } from './network.js';
import { checkRoutes } from './route.js';
import { createSocketPool } from './socket-pool.js';
import { systemNetwork } from './system-network.js';
import { prepareTargets, type ReadyTarget, type Target } from './target.js';
import { packetError, WakeProgress, type WakePacket, type WakeReport } from './wake-report.js';
import { packetCount, readWakeRequest, WAKE_FIELDS, type WakeFieldNames, type WakeRequest, type WakeSettings } from './wake-request.js';

/** Time for looking up names and handing packets to the operating system, besides the pauses. Milliseconds. */
const SENDING_MS = 5000;

/** What a wake uses besides its settings. Everything has a default. */
export interface WakeServices {
  /** Default: the network of this machine. */
  readonly network?: WakeNetwork;
  readonly clock?: Clock;
  /** Default: silent. */
  readonly logger?: Logger;
  /** Gets a frame for each packet sent, SecureOn bytes zeroed. Default: none. */
  readonly transcript?: TranscriptSink;
}

/** How to wake, and what the call may take: `timeoutMs` defaults to the planned pauses plus 5000. */
export interface WakeOptions extends WakeSettings, WakeServices, CallOptions {}

/**
 * Sends magic packets to one machine or several: one for each MAC address, host, port and repetition.
 * A packet that cannot be sent does not keep the others back. Sending is all that can be known: no machine answers.
 * @returns every packet with the interface and address it left by. A repetition that failed carries its error.
 * @throws INVALID_OPTIONS before anything is sent; UNREACHABLE when a machine was sent nothing at some host and port, with
 * all failures in `details.packets` and what did go out in `details.sent`; TIMEOUT with the same details; the abort
 * reason. Neither of the last two takes back what was sent, both stop the rest.
 */
export async function wake(mac: string | readonly string[], options: WakeOptions = {}): Promise<WakeReport> {
  return sendWake(readWakeRequest(mac, options), WAKE_FIELDS, options, options);
}

/** Sends what {@link readWakeRequest} checked; errors name the fields as `fields` does. Throws like {@link wake}. */
export async function sendWake(request: WakeRequest, fields: WakeFieldNames, services: WakeServices, call: CallOptions = {}): Promise<WakeReport> {
  const progress = new WakeProgress(request.hosts.map(formatHost).join(', '));
  const deadline = {
    what: `Wake-on-LAN of ${request.macs.join(', ')}`,
    defaultTimeoutMs: (packetCount(request) - 1) * request.spacingMs + SENDING_MS,
    // Filled while packets are sent, so that a TIMEOUT tells what did go out.
    details: progress.details,
    clock: services.clock,
  };
  return withDeadline(call, deadline, ({ signal }) => sendAll(request, { fields, services, signal, progress }));
}

/** What one run of a wake works with. */
interface Run {
  readonly fields: WakeFieldNames;
  readonly services: WakeServices;
  readonly signal: AbortSignal;
  readonly progress: WakeProgress;
}

async function sendAll(request: WakeRequest, run: Run): Promise<WakeReport> {
  const { fields, services, signal, progress } = run;
  const network = services.network ?? systemNetwork;
  const addresses = network.interfaces();
  checkRoutes(request, addresses, fields);
  await using sockets = createSocketPool(network);
  // Every socket is open before the first packet leaves, so that bad options are found while nothing was sent.
  const targets = await prepareTargets({ request, fields, network, addresses, sockets, signal });
  let pauseMs = 0;
  for (const item of inOrder(request, targets)) {
    if (isReady(item.target)) {
      if (pauseMs > 0) await delay(pauseMs, { signal, clock: services.clock });
      pauseMs = request.spacingMs;
    }
    await deliver(item, request.secureOn, run);
  }
  return progress.report();
}

/** One packet to send. */
interface Item {
  readonly mac: string;
  readonly port: number;
  readonly target: Target;
}

/** Repetitions go round all machines, so that a moment of loss does not hit every packet of one of them. */
function inOrder(request: WakeRequest, targets: readonly Target[]): readonly Item[] {
  const round = request.macs.flatMap((mac) => targets.flatMap((target) => request.ports.map((port) => ({ mac, port, target }))));
  return Array.from({ length: request.repeat }, () => round).flat();
}

/** Sends one packet and keeps what became of it. Rejects only when the wake is given up. */
async function deliver({ mac, port, target }: Item, secureOn: Secret | undefined, { services, signal, progress }: Run): Promise<void> {
  const payload = encodeMagicPacket(mac, secureOn);
  const origin = isReady(target) ? { interface: target.interface, source: target.source } : { interface: null, source: null };
  const at = (services.clock ?? systemClock).now();
  const packet = { mac, ...origin, destination: target.destination, port, bytes: payload.length, sentAt: at.toISOString() };
  const logger = services.logger ?? silentLogger;
  throwIfAborted(signal);
  try {
    if (!isReady(target)) throw target.failure;
    await abortable(signal, target.socket.send(payload, port, target.destination));
  } catch (cause) {
    throwIfAborted(signal);
    const failed = { ...packet, error: packetError(cause) };
    progress.addFailed(failed, cause);
    logger.warn(failed, 'magic packet could not be sent');
    return;
  }
  progress.addSent(packet);
  logger.debug(packet, 'magic packet sent');
  services.transcript?.record(frameOf(packet, payload, at));
}

function frameOf(packet: WakePacket, payload: Uint8Array, at: Date): TranscriptFrame {
  const password = payload.length - MAGIC_PACKET_BYTES;
  const note = password === 0 ? '' : ` with SecureOn (${password} bytes, shown as zeros)`;
  const destination = packet.destination.includes(':') ? `[${packet.destination}]` : packet.destination;
  return {
    at,
    direction: 'out',
    peer: `udp ${destination}:${packet.port}`,
    protocol: 'wol',
    label: `magic packet for ${packet.mac}${note}`,
    payload: hideSecureOn(payload),
  };
}

function isReady(target: Target): target is ReadyTarget {
  return 'socket' in target;
}
