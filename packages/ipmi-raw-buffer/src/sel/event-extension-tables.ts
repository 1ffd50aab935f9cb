/** Event data 2 of system firmware progress, offset 0. Source: IPMI 2.0, table 42-3, type 0x0f. */
export const FIRMWARE_ERRORS: readonly string[] = [
  'unspecified', 'no system memory installed', 'no usable system memory', 'unrecoverable hard-disk or ATAPI/IDE device failure',
  'unrecoverable system board failure', 'unrecoverable diskette subsystem failure', 'unrecoverable hard-disk controller failure',
  'unrecoverable PS/2 or USB keyboard failure', 'removable boot media not found', 'unrecoverable video controller failure',
  'no video device detected', 'firmware (BIOS) ROM corruption detected', 'CPU voltage mismatch', 'CPU speed matching failure',
];

/** Event data 2 of system firmware progress, offsets 1 and 2. Source: IPMI 2.0, table 42-3, type 0x0f. */
export const FIRMWARE_PROGRESS: readonly string[] = [
  'unspecified', 'memory initialization', 'hard-disk initialization', 'secondary processor initialization', 'user authentication',
  'user-initiated system setup', 'USB resource configuration', 'PCI resource configuration', 'option ROM initialization', 'video initialization',
  'cache initialization', 'SM bus initialization', 'keyboard controller initialization', 'management controller initialization',
  'docking station attachment', 'enabling docking station', 'docking station ejection', 'disabling docking station',
  'calling operating system wake-up vector', 'starting operating system boot process', 'baseboard initialization', '',
  'floppy initialization', 'keyboard test', 'pointing device test', 'primary processor initialization',
];

/** Event data 2 of version change. Source: IPMI 2.0, table 42-3, type 0x2b. */
export const VERSION_CHANGES: readonly string[] = [
  'unspecified', 'management controller device id', 'management controller firmware revision', 'management controller device revision',
  'management controller manufacturer id', 'management controller IPMI version', 'management controller auxiliary firmware id',
  'management controller firmware boot block', 'other management controller firmware', 'system firmware (BIOS)', 'SMBIOS', 'operating system',
  'operating system loader', 'service or diagnostic partition', 'management software agent', 'management software application',
  'management software middleware', 'programmable hardware', 'board or module', 'board or module component', 'equivalent replacement of a board',
  'newer replacement of a board', 'older replacement of a board', 'hardware configuration',
];

/** Why the system was started again. Source: IPMI 1.5, section 22.9. */
export const RESTART_CAUSES: readonly string[] = [
  'unknown', 'chassis control command', 'reset push button', 'power push button', 'watchdog expiration', 'OEM', 'always restored on power',
  'previous state restored on power', 'reset by PEF', 'power cycle by PEF', 'soft reset', 'real time clock wake-up',
];

/** Event data 2 of watchdog 2, high nibble. Source: IPMI 1.5, table 36-3, type 0x23. */
export const WATCHDOG_INTERRUPTS: Readonly<Record<number, string>> = { 0: 'none', 1: 'SMI', 2: 'NMI', 3: 'messaging interrupt' };

/** Event data 2 of watchdog 2, low nibble. Source: IPMI 1.5, table 36-3, type 0x23. */
export const WATCHDOG_USES: Readonly<Record<number, string>> = { 1: 'BIOS FRB2', 2: 'BIOS/POST', 3: 'OS load', 4: 'SMS/OS', 5: 'OEM' };

/** Event data 2 of system event, offset 3, high nibble. Source: IPMI 1.5, table 36-3, type 0x12. */
export const AUXILIARY_LOG_ACTIONS: readonly string[] = [
  'entry added', 'entry added that is no standard event', 'entry added with SEL entries', 'log cleared', 'log disabled', 'log enabled',
];

/** Event data 2 of system event, offset 4, bits 0 to 5. Source: IPMI 1.5, table 36-3, type 0x12. */
export const PEF_ACTIONS: readonly string[] = ['alert', 'power off', 'reset', 'power cycle', 'OEM action', 'diagnostic interrupt'];

/** Event data 2 of power supply, offset 6, low nibble. Source: IPMI 2.0, table 42-3, type 0x08. */
export const POWER_SUPPLY_MISMATCHES: readonly string[] = ['vendor', 'revision', 'processor missing', 'power supply rating', 'voltage rating'];

/** Event data 2 of slot, bits 0 to 6. Source: IPMI 2.0, table 42-3, type 0x21. */
export const SLOT_TYPES: readonly string[] = [
  'PCI', 'drive array', 'external peripheral connector', 'docking', 'other internal expansion slot', 'slot of the entity of the sensor', 'AdvancedTCA',
  'memory device', 'fan', 'PCI Express', 'SCSI', 'SATA/SAS', 'USB',
];

/** Event data 2 of FRU state, high nibble. Source: IPMI 2.0, table 42-3, type 0x2c. */
export const FRU_STATE_CAUSES: Readonly<Record<number, string>> = {
  0: 'normal change', 1: 'commanded by software', 2: 'handle latch', 3: 'hot swap button', 4: 'action of the FRU', 5: 'communication lost',
  6: 'communication lost by local failure', 7: 'unexpected extraction', 8: 'operator intervention', 9: 'address cannot be computed',
  10: 'unexpected deactivation',
};
