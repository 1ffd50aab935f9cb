/** Source: IPMI 1.5, table 36-3; from 0x2a on IPMI 2.0, table 42-3. */
const SENSOR_TYPES: readonly string[] = [
  'reserved', 'temperature', 'voltage', 'current', 'fan', 'physical security', 'platform security', 'processor', 'power supply', 'power unit',
  'cooling device', 'other', 'memory', 'drive slot', 'POST memory resize', 'system firmware progress', 'event logging disabled', 'watchdog 1',
  'system event', 'critical interrupt', 'button', 'module or board', 'microcontroller', 'add-in card', 'chassis', 'chip set', 'other FRU',
  'cable or interconnect', 'terminator', 'system boot initiated', 'boot error', 'OS boot', 'OS critical stop', 'slot or connector',
  'system ACPI power state', 'watchdog 2', 'platform alert', 'entity presence', 'monitor ASIC', 'LAN', 'management subsystem health', 'battery',
  'session audit', 'version change', 'FRU state',
];

/** What a sensor measures or watches: `temperature`, `power supply`; `vendor-specific <code>` from 0xc0 on. */
export function sensorTypeName(sensorType: number): string {
  return SENSOR_TYPES[sensorType] ?? (sensorType >= 0xc0 ? `vendor-specific ${sensorType}` : `sensor type ${sensorType}`);
}
