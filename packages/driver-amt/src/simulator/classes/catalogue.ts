import { existsIn, type Generation } from '../generations.js';
import type { AmtClass } from './amt-class.js';
import { BOOT_CLASSES } from './boot-classes.js';
import { CLOCK_CLASSES } from './clock-classes.js';
import { CONSENT_CLASSES } from './consent-classes.js';
import { HARDWARE_CLASSES } from './hardware-classes.js';
import { LOG_CLASSES } from './log-classes.js';
import { POWER_CLASSES } from './power-classes.js';
import { SETTINGS_CLASSES } from './settings-classes.js';

const ALL: readonly AmtClass[] = [
  ...POWER_CLASSES, ...BOOT_CLASSES, ...HARDWARE_CLASSES, ...LOG_CLASSES, ...CLOCK_CLASSES, ...CONSENT_CLASSES, ...SETTINGS_CLASSES,
];

/** The classes of a generation, by name. */
export function classesOf(generation: Generation): ReadonlyMap<string, AmtClass> {
  return new Map(ALL.filter((each) => existsIn(each, generation)).map((each) => [each.name, each]));
}
