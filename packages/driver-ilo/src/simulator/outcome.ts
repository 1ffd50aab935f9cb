/** Why the machine or its iLO declines a command. Each face has its own words for these. */
export const REFUSAL_REASONS = {
  'wrong power state': 'The machine is not in a state where this can be done, or already where it is asked to go.',
  'during post': 'It cannot be changed while the machine runs its power-on self test.',
  'no licence': 'The licence does not include it.',
  'wrong licence key': 'No licence key looks like this.',
  'media inserted': 'The drive holds an image already.',
  'no media': 'The drive is empty.',
  'value not allowed': 'The property exists and has no such value.',
  'unknown property': 'There is no such property.',
  'read-only property': 'The property cannot be written.',
  'missing property': 'Something that is needed was not said.',
  'unknown action': 'There is no such action.',
  'not there': 'There is no such thing.',
  'password too short': 'The password is shorter than allowed.',
  'password too long': 'The password is longer than allowed.',
  'no privilege': 'The user may not do this.',
  'not in uefi mode': 'It exists only while the machine boots in UEFI mode.',
  'update under way': 'Firmware is being written at the moment.',
  'not supported': 'This generation does not have it.',
  'already there': 'There is one of this name.',
  'too many': 'There is no room for another one.',
  failed: 'It was understood, and it failed.',
} as const;
export type RefusalReason = keyof typeof REFUSAL_REASONS;

/** A command that was declined. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The names and values it is about, in the order in which messages use them. */
  readonly about: readonly string[];
}

/** What became of a command; undefined: it was carried out. */
export type Outcome = Refusal | undefined;

export const refuse = (reason: RefusalReason, ...about: readonly string[]): Refusal => ({ reason, about });
