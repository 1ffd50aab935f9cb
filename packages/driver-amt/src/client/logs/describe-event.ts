import { EVENT_SENSOR_TYPES, FIRMWARE_ERRORS, FIRMWARE_STEPS } from './event-names.js';

/** What an event says of itself. */
export interface EventFacts {
  readonly sensorType: number;
  readonly offset: number;
  /** Eight bytes. */
  readonly data: Uint8Array;
}

/** The manufacturer's bytes 2 to 5 are valid. Source: Platform Event Trap Format 1.0, Event Data. */
const OEM_DATA = 0xaa;

type Describe = (event: EventFacts, byte: (index: number) => number) => string | undefined;

/**
 * Sentences by sensor type. Sources: Intel AMT Implementation and Reference Guide, "Event Types Summary" and the pages of AMT's own events; IPMI 2.0,
 * table 42-3 for the firmware's; MeshCentral amt.js for the manufacturer's bytes that Intel's pages leave out.
 */
const SENTENCES: Readonly<Record<number, Describe>> = {
  0x05: ({ offset }) => (offset === 0 ? 'The case was opened' : undefined),
  0x06: (_event, byte) => `Authentication failed ${byte(1) + byte(2) * 256} times`,
  0x0f: describeFirmware,
  0x12: (_event, byte) => (byte(0) === OEM_DATA ? `A watched program is ${AGENT_STATES[byte(7)] ?? `in state ${byte(7)}`}` : undefined),
  0x1e: ({ offset }) => BOOT_ERRORS[offset],
  0x20: () => 'The operating system hung or power was interrupted',
  0x23: (_event, byte) => (byte(0) === BIOS_WATCHDOG ? 'The watchdog ran out during the power-on self-test' : 'The system failed to boot'),
  0x25: () => 'The system firmware started',
  0xc0: (_event, byte) => (byte(0) === OEM_DATA && byte(1) === 0x30 ? SESSION_EVENTS[byte(2)] : undefined),
  0xc1: (_event, byte) => (byte(0) === OEM_DATA && byte(1) === 0x30 && byte(2) === 0 ? 'The user asked for a remote connection' : undefined),
};

const BIOS_WATCHDOG = 0x40;

/** Intel AMT Implementation and Reference Guide, "Agent Presence Event". */
const AGENT_STATES: Readonly<Record<number, string>> = { 1: 'not started', 2: 'stopped', 4: 'running', 8: 'expired', 16: 'suspended' };

/** IPMI 2.0, table 42-3, boot error. */
const BOOT_ERRORS: Readonly<Record<number, string>> = {
  0: 'No bootable media', 1: 'No bootable diskette', 2: 'The PXE server was not found', 3: 'Invalid boot sector',
  4: 'The choice of a boot source timed out',
};

const SESSION_EVENTS: Readonly<Record<number, string>> = {
  0: 'A serial over LAN session began', 1: 'A serial over LAN session ended', 2: 'A redirected drive was connected',
  3: 'A redirected drive was disconnected',
};

/** Source: IPMI 2.0, table 42-3, system firmware progress. */
const FIRMWARE_OFFSETS = { error: 0, hang: 1, progress: 2 } as const;

function describeFirmware({ offset }: EventFacts, byte: (index: number) => number): string | undefined {
  const code = byte(1);
  if (offset === FIRMWARE_OFFSETS.error) return `System firmware error: ${FIRMWARE_ERRORS[code] ?? `code ${code}`}`;
  if (offset === FIRMWARE_OFFSETS.hang) return `System firmware hung: ${FIRMWARE_STEPS[code] ?? `code ${code}`}`;
  if (offset === FIRMWARE_OFFSETS.progress) return `System firmware: ${FIRMWARE_STEPS[code] ?? `code ${code}`}`;
  return undefined;
}

/** An event in one sentence. What has no sentence is told by its numbers. */
export function describeEvent(event: EventFacts): string {
  const sentence = SENTENCES[event.sensorType]?.(event, (index) => event.data[index] ?? 0);
  if (sentence !== undefined) return sentence;
  const sensor = (EVENT_SENSOR_TYPES as Readonly<Record<number, string>>)[event.sensorType] ?? `sensor type ${event.sensorType}`;
  return `Event ${event.offset} of ${sensor}, data ${Buffer.from(event.data).toString('hex')}`;
}
