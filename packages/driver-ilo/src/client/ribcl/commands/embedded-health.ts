import { readCommand, type RibclCommand } from '../command.js';
import type { RibclElement } from '../wire/element.js';

/** A whole report takes some controllers most of a minute. Milliseconds. */
const HEALTH_TIMEOUT_MS = 120_000;

/**
 * The health report: parts of the machine, sensors, firmware versions. `readInventory`, `readHealthSensors` and `readHealthSummary` tell what
 * is in it. Source: HPE iLO 4 Scripting and Command Line Guide, GET_EMBEDDED_HEALTH.
 */
export function readEmbeddedHealth(): RibclCommand<RibclElement> {
  return readCommand('GET_EMBEDDED_HEALTH', { group: 'SERVER_INFO', answers: ['GET_EMBEDDED_HEALTH_DATA'], timeoutMs: HEALTH_TIMEOUT_MS }, (payload) => payload);
}
