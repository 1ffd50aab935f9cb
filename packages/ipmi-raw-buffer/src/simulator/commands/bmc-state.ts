import type { ActivityCounts } from '../activity.js';
import type { ControlledMachine } from '../machine/machine.js';
import type { BmcTime, EventLog } from '../records/event-log.js';
import type { UserTable } from '../records/users.js';
import type { SerialPayload } from '../sol/serial-payload.js';
import type { SessionTable } from '../session/session-table.js';
import type { LegacyHandshake } from '../session/legacy-handshake.js';
import type { BmcSettings } from '../settings.js';
import type { FruDevices } from './fru-devices.js';
import type { LanParameters } from './lan-parameters.js';
import type { SensorTable } from './sensor-table.js';
import type { SerialParameters } from './sol-parameters.js';

/** What the commands of one BMC work on. */
export interface BmcState {
  readonly settings: BmcSettings;
  /** UDP port it listens on. */
  readonly port: number;
  readonly machine: ControlledMachine;
  readonly sessions: SessionTable;
  readonly legacy: LegacyHandshake;
  readonly users: UserTable;
  readonly time: BmcTime;
  readonly log: EventLog;
  readonly sensors: SensorTable;
  readonly fru: FruDevices;
  readonly lan: LanParameters;
  readonly serial: SerialPayload;
  readonly serialParameters: SerialParameters;
  readonly counts: ActivityCounts;
  /** Reservation of the SDR repository, 0: none. */
  sdrReservation: number;
  /** The BMC itself starts anew: after the answer all sessions are gone. */
  restart(): void;
}

/** The one channel for consoles. Channel Eh in a request means it. */
export const LAN_CHANNEL = 1;
const PRESENT_CHANNEL = 0x0e;
/** Channels of the BMC: the bus behind it, the network, the machine's own interface. */
export const IPMB_CHANNEL = 0;
export const SYSTEM_CHANNEL = 0x0f;

/** The channel that a byte of a request means. */
export function channelOf(byte: number): number {
  const channel = byte & 0x0f;
  return channel === PRESENT_CHANNEL ? LAN_CHANNEL : channel;
}
