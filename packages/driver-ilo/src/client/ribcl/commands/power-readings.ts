import { readCommand, type RibclCommand } from '../command.js';
import { attributeOf, elementAt, type RibclElement } from '../wire/element.js';
import { wholeNumber } from './facts.js';

/** How much power the server takes, over the last 24 hours except `present`. Watts; null for what the controller does not tell. */
export interface RibclPowerReadings {
  readonly present: number | null;
  readonly average: number | null;
  readonly maximum: number | null;
  readonly minimum: number | null;
}

/** How much power the server takes. Source: HPE iLO 4 Scripting and Command Line Guide, GET_POWER_READINGS. */
export function readPowerReadings(): RibclCommand<RibclPowerReadings> {
  return readCommand('GET_POWER_READINGS', { group: 'SERVER_INFO' }, (payload) => ({
    present: watts(payload, 'PRESENT_POWER_READING'),
    average: watts(payload, 'AVERAGE_POWER_READING'),
    maximum: watts(payload, 'MAXIMUM_POWER_READING'),
    minimum: watts(payload, 'MINIMUM_POWER_READING'),
  }));
}

function watts(payload: RibclElement, name: string): number | null {
  const reading = elementAt(payload, name);
  const unit = attributeOf(reading, 'UNIT') ?? 'Watts';
  return /^w(?:atts?)?$/i.test(unit) ? (wholeNumber(attributeOf(reading, 'VALUE')) ?? null) : null;
}
