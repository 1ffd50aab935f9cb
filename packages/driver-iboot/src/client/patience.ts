import { MOST_RELAYS } from './dxp-messages.js';
import { beginsLikeText } from './foreign-answer.js';

/**
 * Decides, whenever bytes have arrived, how long to wait for more. DxP has no framing: the length of an answer follows from the question,
 * and where it does not, from silence.
 * @returns milliseconds; 0 when the answer is complete, undefined when it cannot be complete however long the silence is
 */
export type Patience = (received: Uint8Array) => number | undefined;

/** Silence that ends an answer of unknown length. Longer than a unit takes between two bytes, shorter than a person notices. Milliseconds. */
export const QUIET_MS = 150;

/** Silence that ends a list of relays that is shorter than the relay asked for: the rest may be late, and an error depends on it. Milliseconds. */
export const SHORT_LIST_QUIET_MS = 1000;

/** Silence after two bytes of text: other services greet with more, and would be sent the password otherwise. Milliseconds. */
export const TEXT_QUIET_MS = 50;

/** The answer to hello: two bytes. */
export const helloPatience: Patience = (received) => {
  if (received.length < 2) return undefined;
  return received.length === 2 && beginsLikeText(received) ? TEXT_QUIET_MS : 0;
};

/** The answer to a command that changes something: one byte. */
export const resultPatience: Patience = (received) => (received.length < 1 ? undefined : 0);

/**
 * The list of relays.
 * @param atLeast how many relays the caller needs
 * @param known how many the unit has listed before; undefined when it was not asked yet
 */
export function listPatience(atLeast: number, known: number | undefined): Patience {
  return (received) => {
    const { length } = received;
    if (length > MOST_RELAYS || length === known) return 0;
    if (length === 0 || (known !== undefined && length < known)) return undefined;
    return length < atLeast ? SHORT_LIST_QUIET_MS : QUIET_MS;
  };
}
