import type { SensorReading } from '@ferric/core';
import { attributeOf, elementAt, type RibclElement } from '../wire/element.js';
import { healthStatus } from './sensors.js';

/** How one kind of part is, all of them taken together. */
export interface HealthSummary {
  /** The name that the report has for it: BIOS_HARDWARE, FANS, MEMORY, NETWORK, POWER_SUPPLIES, PROCESSOR, STORAGE, TEMPERATURE, VRM, DRIVE. */
  readonly name: string;
  /** `OK`, `Degraded`, `Failed`, `Other`; null when it is not told. */
  readonly text: string | null;
  readonly status: SensorReading['status'];
  /** `Redundant`, `Not Redundant`; null where there is nothing that could be. */
  readonly redundancy: string | null;
}

/**
 * The health at a glance of a report of `readEmbeddedHealth`, one entry for each kind of part.
 * Source: HPE iLO 4 Scripting and Command Line Guide, GET_EMBEDDED_HEALTH.
 */
export function readHealthSummary(report: RibclElement): readonly HealthSummary[] {
  const lines = elementAt(report, 'HEALTH_AT_A_GLANCE')?.children ?? [];
  return [...new Set(lines.map((line) => line.name))].map((name) => {
    // Status and redundancy stand in elements of their own with the same name.
    const own = lines.filter((line) => line.name === name);
    const told = (attribute: string): string | undefined => attributeOf(own.find((line) => line.attributes.has(attribute)), attribute);
    const text = told('STATUS');
    return { name, text: text ?? null, status: healthStatus(text), redundancy: told('REDUNDANCY') ?? null };
  });
}
