import { hexadecimal } from '../message/bytes.js';
import { SPECIFIC_STATES } from '../sensors/specific-states.js';
import {
  AUXILIARY_LOG_ACTIONS, FIRMWARE_ERRORS, FIRMWARE_PROGRESS, FRU_STATE_CAUSES, PEF_ACTIONS, POWER_SUPPLY_MISMATCHES, RESTART_CAUSES, SLOT_TYPES,
  VERSION_CHANGES, WATCHDOG_INTERRUPTS, WATCHDOG_USES,
} from './event-extension-tables.js';

/** What the second and the third byte of event data say beyond the state; null where they say nothing that is known. */
export interface ExtensionDecoders {
  readonly second?: (value: number, offset: number) => string | null;
  readonly third?: (value: number, offset: number) => string | null;
}

const UNSPECIFIED_NIBBLE = 0x0f;

type TextTable = readonly string[] | Readonly<Record<number, string>>;

function look(table: TextTable, index: number): string | null {
  const text = table[index];
  return text === undefined || text === '' ? null : text;
}

/** The parts that are known, joined. */
function join(...parts: readonly (string | null)[]): string | null {
  const known = parts.filter((part) => part !== null);
  return known.length === 0 ? null : known.join(', ');
}

function labelled(label: string, text: string | null): string | null {
  return text === null ? null : `${label} ${text}`;
}

/** Number of a thing, such as a memory module; 0xff: not told. */
function numbered(label: string): (value: number) => string | null {
  return (value) => (value === 0xff ? null : `${label} ${value}`);
}

const EVERY_OFFSET = -1;

/** By sensor type, then by offset. Sources: IPMI 1.5, table 36-3; IPMI 2.0, table 42-3. */
const EXTENSIONS: Readonly<Record<number, Readonly<Record<number, ExtensionDecoders>>>> = {
  0x05: { 4: { second: numbered('network controller') } },
  0x08: { 6: { second: (value) => labelled('mismatch:', look(POWER_SUPPLY_MISMATCHES, value & 0x0f)) } },
  0x0c: { [EVERY_OFFSET]: { third: (value) => (value === 0xff ? null : `memory module ${hexadecimal(value)}`) } },
  0x0f: {
    0: { second: (value) => look(FIRMWARE_ERRORS, value) },
    1: { second: (value) => look(FIRMWARE_PROGRESS, value) },
    2: { second: (value) => look(FIRMWARE_PROGRESS, value) },
  },
  0x10: {
    0: { second: numbered('memory module') },
    1: { second: (value) => `event type ${hexadecimal(value)}` },
    5: { third: (value) => (value <= 100 ? `${value} percent full` : null) },
  },
  0x12: {
    3: { second: (value) => look(AUXILIARY_LOG_ACTIONS, value >> 4) },
    4: { second: (value) => join(...PEF_ACTIONS.map((action, bit) => ((value & (1 << bit)) === 0 ? null : action))) },
    5: { second: (value) => `${(value & 0x80) === 0 ? 'first' : 'second'} of a pair, ${(value & 0x0f) === 1 ? 'SDR' : 'SEL'} clock` },
  },
  0x1d: { 7: { second: (value) => labelled('cause:', look(RESTART_CAUSES, value & 0x0f)), third: numbered('channel') } },
  0x21: { [EVERY_OFFSET]: { second: (value) => labelled('slot type:', look(SLOT_TYPES, value & 0x7f)), third: numbered('slot') } },
  0x23: {
    [EVERY_OFFSET]: {
      second: (value) => join(labelled('timer use:', look(WATCHDOG_USES, value & 0x0f)), labelled('interrupt:', look(WATCHDOG_INTERRUPTS, value >> 4))),
    },
  },
  0x28: { 4: { third: numbered('sensor') }, 5: { third: numbered('FRU device') } },
  0x2a: {
    [EVERY_OFFSET]: {
      second: (value) => ((value & 0x3f) === 0 ? null : `user ${value & 0x3f}`),
      third: (value) => (value === 0xff ? null : `channel ${value & 0x0f}`),
    },
  },
  0x2b: { [EVERY_OFFSET]: { second: (value) => look(VERSION_CHANGES, value) } },
  0x2c: { [EVERY_OFFSET]: { second: fruStateChange } },
};

function fruStateChange(value: number): string | null {
  const previous = value & 0x0f;
  const before = previous === UNSPECIFIED_NIBBLE ? null : (SPECIFIC_STATES[0x2c]?.[previous]?.text ?? null);
  return join(labelled('previous state:', before), labelled('cause:', look(FRU_STATE_CAUSES, value >> 4)));
}

/** How the further bytes of a sensor-specific event are read. */
export function findExtension(sensorType: number, offset: number): ExtensionDecoders {
  const bySensor = EXTENSIONS[sensorType];
  return bySensor?.[offset] ?? bySensor?.[EVERY_OFFSET] ?? {};
}
