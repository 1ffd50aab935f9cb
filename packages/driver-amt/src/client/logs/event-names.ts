/** Words of the event log. Sources: Platform Event Trap Format 1.0 (Intel, HP, NEC, Dell) and IPMI 2.0, the tables named; DSP0136 (ASF 2.0). */

/** IPMI 2.0, table 42-3; 192 and above are the manufacturer's. */
export const EVENT_SENSOR_TYPES = {
  1: 'temperature', 2: 'voltage', 3: 'current', 4: 'fan', 5: 'chassis intrusion', 6: 'security violation', 7: 'processor', 8: 'power supply',
  9: 'power unit', 10: 'cooling device', 11: 'other units', 12: 'memory', 13: 'drive slot', 14: 'memory resize', 15: 'system firmware',
  16: 'event logging', 17: 'watchdog', 18: 'system event', 19: 'critical interrupt', 20: 'button', 21: 'module', 22: 'microcontroller',
  23: 'add-in card', 24: 'chassis', 25: 'chip set', 26: 'other part', 27: 'cable', 28: 'terminator', 29: 'system boot initiated', 30: 'boot error',
  31: 'operating system boot', 32: 'operating system stop', 33: 'slot', 34: 'ACPI power state', 35: 'watchdog', 36: 'platform alert',
  37: 'entity presence', 38: 'monitor chip', 39: 'LAN', 40: 'management subsystem', 41: 'battery', 192: 'management engine', 193: 'management engine',
} as const;

/** PET 1.0, Event Severity. */
export const EVENT_SEVERITIES = {
  0: 'unspecified', 1: 'monitor', 2: 'information', 4: 'ok', 8: 'non-critical', 16: 'critical', 32: 'non-recoverable',
} as const;

/** IPMI 2.0, table 43-13. 38 is the management engine itself. */
export const EVENT_ENTITIES = {
  0: 'unspecified', 1: 'other', 2: 'unknown', 3: 'processor', 4: 'disk', 5: 'peripheral bay', 6: 'system management module', 7: 'system board',
  8: 'memory module', 9: 'processor module', 10: 'power supply', 11: 'add-in card', 12: 'front panel board', 13: 'back panel board',
  14: 'power system board', 15: 'drive backplane', 16: 'internal expansion board', 17: 'other system board', 18: 'processor board', 19: 'power unit',
  20: 'power module', 21: 'power management board', 22: 'chassis back panel board', 23: 'system chassis', 24: 'sub-chassis',
  25: 'other chassis board', 26: 'disk drive bay', 27: 'peripheral bay', 28: 'device bay', 29: 'fan', 30: 'cooling unit', 31: 'cable',
  32: 'memory device', 33: 'system management software', 34: 'BIOS', 35: 'operating system', 36: 'system bus', 37: 'group', 38: 'management engine',
  39: 'external environment', 40: 'battery',
} as const;

/** IPMI 2.0, table 42-3, system firmware error (event data 2). */
export const FIRMWARE_ERRORS: Readonly<Record<number, string>> = {
  0: 'unspecified error', 1: 'no memory is installed', 2: 'no usable memory', 3: 'unrecoverable failure of a disk',
  4: 'unrecoverable failure of the system board', 5: 'unrecoverable failure of the diskette', 6: 'unrecoverable failure of the disk controller',
  7: 'unrecoverable failure of the keyboard', 8: 'removable boot media not found', 9: 'unrecoverable failure of the video controller',
  10: 'no video device', 11: 'firmware corruption detected', 12: 'mismatch of processor voltages', 13: 'mismatch of processor speeds',
};

/** IPMI 2.0, table 42-3, system firmware hang and progress (event data 2). */
export const FIRMWARE_STEPS: Readonly<Record<number, string>> = {
  0: 'unspecified step', 1: 'memory initialization', 2: 'disk initialization', 3: 'initialization of further processors', 4: 'user authentication',
  5: 'BIOS setup', 6: 'USB resource configuration', 7: 'PCI resource configuration', 8: 'option ROM initialization', 9: 'video initialization',
  10: 'cache initialization', 11: 'SMBus initialization', 12: 'keyboard controller initialization', 13: 'management controller initialization',
  14: 'docking station attachment', 15: 'docking station enabling', 16: 'docking station ejection', 17: 'docking station disabling',
  18: 'operating system wake-up', 19: 'start of the operating system', 20: 'base board initialization', 22: 'floppy initialization',
  23: 'keyboard test', 24: 'pointing device test', 25: 'processor initialization',
};
