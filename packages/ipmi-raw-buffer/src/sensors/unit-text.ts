import type { SensorUnits } from '../sdr/record-types.js';

/** Names of unit codes 0..92. Source: IPMI 1.5, table 37-13. */
const UNITS: readonly string[] = [
  'unspecified', 'degrees C', 'degrees F', 'degrees K', 'Volts', 'Amps', 'Watts', 'Joules', 'Coulombs', 'VA',
  'Nits', 'lumen', 'lux', 'candela', 'kPa', 'PSI', 'Newton', 'CFM', 'RPM', 'Hz',
  'microsecond', 'millisecond', 'second', 'minute', 'hour', 'day', 'week', 'mil', 'inches', 'feet',
  'cu in', 'cu feet', 'mm', 'cm', 'm', 'cu cm', 'cu m', 'liters', 'fluid ounce', 'radians',
  'steradians', 'revolutions', 'cycles', 'gravities', 'ounce', 'pound', 'ft-lb', 'oz-in', 'gauss', 'gilberts',
  'henry', 'millihenry', 'farad', 'microfarad', 'ohms', 'siemens', 'mole', 'becquerel', 'PPM', 'reserved',
  'decibels', 'dBA', 'dBC', 'gray', 'sievert', 'color temp K', 'bit', 'kilobit', 'megabit', 'gigabit',
  'byte', 'kilobyte', 'megabyte', 'gigabyte', 'word', 'dword', 'qword', 'line', 'hit', 'miss',
  'retry', 'reset', 'overrun/overflow', 'underrun', 'collision', 'packets', 'messages', 'characters', 'error', 'correctable error',
  'uncorrectable error', 'fatal error', 'grams',
];

/** Source: IPMI 1.5, table 37-1, byte 21, bits 5..3. */
const RATES: readonly string[] = ['', ' per us', ' per ms', ' per s', ' per minute', ' per hour', ' per day', ''];

/** The name of a unit code; `unit <code>` for one that the specification does not know. */
export function unitName(code: number): string {
  return UNITS[code] ?? `unit ${code}`;
}

/** The unit of a sensor in words: `degrees C`, `Watts/m`, `Joules per s`, `percent`. Source: IPMI 1.5, table 37-1, bytes 21 to 23. */
export function unitText(units: SensorUnits): string {
  const joined = joinUnits(units) + (RATES[units.rate] ?? '');
  if (!units.percentage) return joined;
  return units.baseUnit === 0 ? 'percent' : `${joined} percent`;
}

function joinUnits({ modifier, baseUnit, modifierUnit }: SensorUnits): string {
  if (modifier === 'divide') return `${unitName(baseUnit)}/${unitName(modifierUnit)}`;
  if (modifier === 'multiply') return `${unitName(baseUnit)}*${unitName(modifierUnit)}`;
  return unitName(baseUnit);
}
