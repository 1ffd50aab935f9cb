import { critical, nonrecoverable, ok, type StateTable, warning } from './state-meaning.js';

/**
 * States of event/reading type 0x6f by sensor type.
 * Sources: IPMI 1.5, table 36-3; IPMI 2.0, table 42-3 for what 1.5 does not have.
 */
export const SPECIFIC_STATES: Readonly<Record<number, StateTable>> = {
  // Physical security
  0x05: [
    critical('general chassis intrusion'), critical('drive bay intrusion'), critical('I/O card area intrusion'), critical('processor area intrusion'),
    warning('system unplugged from LAN'), critical('unauthorized dock'), critical('fan area intrusion'),
  ],
  // Platform security
  0x06: [
    warning('front panel lockout violation attempted'), warning('pre-boot password violation - user password'),
    warning('pre-boot password violation - setup password'), warning('pre-boot password violation - network boot password'),
    warning('other pre-boot password violation'), warning('out-of-band access password violation'),
  ],
  // Processor
  0x07: [
    critical('IERR'), nonrecoverable('thermal trip'), critical('FRB1/BIST failure'), critical('FRB2/hang in POST failure'),
    critical('FRB3/processor startup/init failure'), critical('configuration error'), critical('SM BIOS uncorrectable CPU-complex error'),
    ok('presence detected'), warning('disabled'), ok('terminator presence detected'), warning('throttled'),
    critical('uncorrectable machine check exception'), warning('correctable machine check error'),
  ],
  // Power supply
  0x08: [
    ok('presence detected'), critical('failure detected'), warning('predictive failure'), critical('power supply input lost'),
    critical('input lost or out of range'), critical('input out of range, but present'), warning('configuration error'), ok('power supply inactive'),
  ],
  // Power unit
  0x09: [
    ok('power off/down'), ok('power cycle'), ok('240VA power down'), ok('interlock power down'), critical('AC lost'),
    critical('soft-power control failure'), critical('failure detected'), warning('predictive failure'),
  ],
  // Memory
  0x0c: [
    warning('correctable ECC'), critical('uncorrectable ECC'), critical('parity'), critical('memory scrub failed'), warning('memory device disabled'),
    warning('correctable ECC logging limit reached'), ok('presence detected'), warning('configuration error'), ok('spare'), warning('throttled'),
    critical('critical overtemperature'),
  ],
  // Drive slot
  0x0d: [
    ok('drive present'), critical('drive fault'), warning('predictive failure'), ok('hot spare'), ok('parity check in progress'),
    critical('in critical array'), critical('in failed array'), warning('rebuild in progress'), warning('rebuild aborted'),
  ],
  // System firmware progress
  0x0f: [critical('system firmware error'), critical('system firmware hang'), ok('system firmware progress')],
  // Event logging disabled
  0x10: [
    warning('correctable memory error logging disabled'), warning('event logging disabled for one type'), ok('log area reset/cleared'),
    warning('all event logging disabled'), warning('log full'), warning('log almost full'), warning('correctable machine check error logging disabled'),
  ],
  // Watchdog 1
  0x11: [
    critical('BIOS reset'), critical('OS reset'), critical('OS shut down'), critical('OS power down'), critical('OS power cycle'),
    critical('OS NMI/diag interrupt'), critical('OS expired'), warning('OS pre-timeout interrupt'),
  ],
  // System event
  0x12: [
    ok('system reconfigured'), ok('OEM system boot event'), critical('undetermined system hardware failure'), ok('entry added to auxiliary log'),
    ok('PEF action'), ok('timestamp clock sync'),
  ],
  // Critical interrupt
  0x13: [
    critical('NMI/diag interrupt'), critical('bus timeout'), critical('I/O channel check NMI'), critical('software NMI'), critical('PCI PERR'),
    critical('PCI SERR'), critical('EISA failsafe timeout'), warning('bus correctable error'), critical('bus uncorrectable error'),
    critical('fatal NMI'), critical('bus fatal error'), warning('bus degraded'),
  ],
  // Button
  0x14: [ok('power button pressed'), ok('sleep button pressed'), ok('reset button pressed'), ok('FRU latch open'), ok('FRU service requested')],
  // Chip set
  0x19: [critical('soft power control failure'), nonrecoverable('thermal trip')],
  // Cable or interconnect
  0x1b: [ok('connected'), critical('configuration error')],
  // System boot initiated
  0x1d: [
    ok('initiated by power up'), ok('initiated by hard reset'), ok('initiated by warm reset'), ok('user requested PXE boot'),
    ok('automatic boot to diagnostic'), ok('OS initiated hard reset'), ok('OS initiated warm reset'), ok('system restart'),
  ],
  // Boot error
  0x1e: [
    critical('no bootable media'), warning('non-bootable disk in drive'), warning('PXE server not found'), critical('invalid boot sector'),
    warning('timeout waiting for selection'),
  ],
  // OS boot
  0x1f: [
    ok('A: boot completed'), ok('C: boot completed'), ok('PXE boot completed'), ok('diagnostic boot completed'), ok('CD-ROM boot completed'),
    ok('ROM boot completed'), ok('boot completed - device not specified'), ok('installation started'), ok('installation completed'),
    warning('installation aborted'), critical('installation failed'),
  ],
  // OS critical stop
  0x20: [
    critical('error during system startup'), critical('run-time critical stop'), ok('OS graceful stop'), ok('OS graceful shutdown'),
    ok('PEF initiated soft shutdown'), warning('agent not responding'),
  ],
  // Slot or connector
  0x21: [
    critical('fault status'), ok('identify status'), ok('device installed'), ok('ready for device installation'), ok('ready for device removal'),
    ok('slot power is off'), ok('device removal request'), ok('interlock'), ok('slot disabled'), ok('spare device'),
  ],
  // System ACPI power state
  0x22: [
    ok('S0/G0: working'), ok('S1: sleeping with system hw & processor context maintained'), ok('S2: sleeping, processor context lost'),
    ok('S3: sleeping, processor & hw context lost, memory retained'), ok('S4: non-volatile sleep/suspend-to-disk'), ok('S5/G2: soft-off'),
    ok('S4/S5: soft-off'), ok('G3: mechanical off'), ok('sleeping in S1/S2/S3 state'), ok('G1: sleeping'), ok('S5: entered by override'),
    ok('legacy ON state'), ok('legacy OFF state'), null, ok('unknown'),
  ],
  // Watchdog 2
  0x23: [
    warning('timer expired'), critical('hard reset'), critical('power down'), critical('power cycle'), null, null, null, null, warning('timer interrupt'),
  ],
  // Platform alert
  0x24: [
    ok('platform generated page'), ok('platform generated LAN alert'), ok('platform event trap generated'),
    ok('platform generated SNMP trap, OEM format'),
  ],
  // Entity presence
  0x25: [ok('present'), ok('absent'), ok('disabled')],
  // LAN
  0x27: [warning('heartbeat lost'), ok('heartbeat')],
  // Management subsystem health
  0x28: [
    warning('sensor access degraded or unavailable'), warning('controller access degraded or unavailable'), warning('management controller off-line'),
    critical('management controller unavailable'), warning('sensor failure'), warning('FRU failure'),
  ],
  // Battery
  0x29: [warning('low'), critical('failed'), ok('presence detected')],
  // Session audit
  0x2a: [ok('session activated'), ok('session deactivated'), warning('invalid username or password'), warning('account disabled by wrong passwords')],
  // Version change
  0x2b: [
    ok('hardware change detected'), ok('firmware or software change detected'), warning('hardware incompatibility detected'),
    warning('firmware or software incompatibility detected'), warning('invalid or unsupported hardware version'),
    warning('invalid or unsupported firmware or software version'), ok('hardware change successful'), ok('firmware or software change successful'),
  ],
  // FRU state
  0x2c: [
    ok('not installed'), ok('inactive'), ok('activation requested'), ok('activation in progress'), ok('active'), ok('deactivation requested'),
    ok('deactivation in progress'), warning('communication lost'),
  ],
};
