import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { BmcActivity } from './activity.js';
import { Bmc } from './bmc.js';
import type { BmcFaults } from './faults.js';
import type { VirtualMachine, VirtualPowerChange } from './machine/machine.js';
import type { BmcOptions, VirtualReading, VirtualUser } from './options.js';
import { type BmcSettings, resolveSettings } from './settings.js';

/** A simulated BMC that listens. Disposing closes its socket; it is idempotent. */
export interface VirtualBmc extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  /** UDP port. */
  readonly port: number;
  /** Who may open sessions, as configured; a generated password stands here. */
  readonly users: readonly VirtualUser[];
  /** What Get System GUID tells, 16 bytes in the order of the wire; null: nothing. */
  readonly guid: Uint8Array | null;
  readonly machine: VirtualMachine;
  readonly faults: BmcFaults;
  readonly activity: BmcActivity;
  /** Entries of the event log, oldest first. */
  readonly eventLog: readonly Uint8Array[];
  /** Adds an entry as the BMC itself would: with a new id and, where it has a time, that of now. Yields the id; undefined when the log is full. */
  addEvent(entry: Uint8Array): number | undefined;
  /** Sets the present value of a sensor of the BMC. @param lun default 0 */
  setReading(sensorNumber: number, reading: VirtualReading, lun?: number): void;
  /** Ends all sessions without a word, as a BMC does that starts anew. */
  loseSessions(): void;
  /** Tells of each change of the machine's power right after it, whoever made it. */
  watchPower(listener: (change: VirtualPowerChange) => void): Disposable;
}

/**
 * Starts a BMC with a machine behind it. Each call makes a world of its own.
 * @throws INVALID_OPTIONS for options that cannot be; the error of the system when the port cannot be used.
 */
export async function startBmc(options: BmcOptions = {}): Promise<VirtualBmc> {
  return listen(resolveSettings(options));
}

/** Starts a BMC with settings that others may share. @param isDead take everything and say nothing, for ever */
export async function listen(settings: BmcSettings, isDead = false): Promise<VirtualBmc> {
  const socket = createSocket(isIPv6(settings.host) ? 'udp6' : 'udp4');
  const { port } = await bind(socket, settings);
  const bmc = new Bmc(settings, port, (datagram, peer) => {
    // A console that is gone is no failure of the BMC.
    if (!closed) socket.send(datagram, peer.port, peer.address, () => undefined);
  });
  let closed = false;
  // What the network reports of an answer that nobody took.
  socket.on('error', () => undefined);
  if (isDead) socket.on('message', () => (bmc.counts.packetsReceived += 1));
  else socket.on('message', (datagram, { address, port: from }) => bmc.receive(datagram, { address, port: from }));
  return {
    name: settings.name ?? `bmc-${port}`,
    host: settings.host,
    port,
    users: settings.givenUsers,
    guid: settings.guid,
    machine: bmc.machine,
    faults: bmc.faults,
    get activity() {
      return bmc.activity;
    },
    get eventLog() {
      return bmc.log.entries;
    },
    addEvent: (entry) => bmc.log.add(entry),
    setReading: (sensorNumber, reading, lun = 0) => bmc.sensors.setReading(lun, sensorNumber, reading),
    loseSessions: () => bmc.sessions.endAll(),
    watchPower: (listener) => bmc.machine.watch(listener),
    async [Symbol.asyncDispose]() {
      if (closed) return;
      closed = true;
      bmc[Symbol.dispose]();
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function bind(socket: Socket, { port, host }: BmcSettings): Promise<{ readonly port: number }> {
  // Rejects with the error of the socket.
  const listening = once(socket, 'listening');
  socket.bind(port, host);
  try {
    await listening;
  } catch (error) {
    socket.close();
    throw error;
  }
  return socket.address();
}
