import { Buffer } from 'node:buffer';

/** Something that is not DxP, and what to do about it. */
export interface ForeignAnswer {
  readonly what: string;
  readonly hint: string;
}

interface Pattern extends ForeignAnswer {
  readonly matches: (text: string) => boolean;
}

const OTHER_PORT = 'Check iboot_port, or the port that was given to the client: DxP usually listens at 9100.';
const OTHER_GENERATION =
  'Ferric speaks DxP, the protocol of the iBoot-G2 and its relatives; switch DxP on at the unit if it has it, or set the port of DxP.';

/** Types of TLS records, the first byte; the second is 3. Source: RFC 8446, section 5.1. */
const TLS_RECORDS: ReadonlySet<number> = new Set([20, 21, 22, 23]);

/**
 * What else answers at the address of an iBoot, by how it begins; latin-1, one character a byte. The first that matches decides.
 * Source: Dataprobe's older iBoot models take ESC, the password and a letter as text; its iBootBar models announce themselves as iBootHB.
 */
const PATTERNS: readonly Pattern[] = [
  { what: 'an iBoot with the older text protocol (ESC and password)', hint: OTHER_GENERATION, matches: (text) => text.startsWith('\u001B') },
  { what: 'the heartbeat of an iBootBar (iBootHB)', hint: OTHER_GENERATION, matches: (text) => text.startsWith('iBootHB') },
  { what: 'a web server', hint: OTHER_PORT, matches: (text) => /^(?:HTTP\/\d|<[!?a-z])/i.test(text) },
  { what: 'an SSH server', hint: OTHER_PORT, matches: (text) => text.startsWith('SSH-') },
  { what: 'a Telnet server', hint: OTHER_PORT, matches: (text) => /^\u00FF[\u00FB-\u00FE]/.test(text) },
  { what: 'a TLS server', hint: OTHER_PORT, matches: (text) => TLS_RECORDS.has(text.charCodeAt(0)) && text.charCodeAt(1) === 3 },
  { what: 'an iBoot of another generation, which speaks text', hint: OTHER_GENERATION, matches: (text) => /iboot|dataprobe/i.test(text) },
  { what: 'a service that speaks text', hint: OTHER_GENERATION, matches: (text) => text.length > 2 && isText(text) },
];

/** What an answer looks like that is not DxP; undefined when nothing can be said of it. */
export function describeForeignAnswer(answer: Uint8Array): ForeignAnswer | undefined {
  const text = Buffer.from(answer).toString('latin1');
  const found = PATTERNS.find(({ matches }) => matches(text));
  return found === undefined ? undefined : { what: found.what, hint: found.hint };
}

/** Printable characters and line ends of ASCII. */
function isText(text: string): boolean {
  return /^[\t\n\r -~]*$/.test(text);
}

/** Whether these bytes could be the beginning of a text: characters of ASCII, line ends, ESC, or a command of Telnet. */
export function beginsLikeText(answer: Uint8Array): boolean {
  return answer.every((byte) => (byte >= 0x20 && byte <= 0x7e) || byte === 0x0a || byte === 0x0d || byte === 0x1b) || answer[0] === 0xff;
}
