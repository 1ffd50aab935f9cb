import { inspect } from 'node:util';

/** Shorter secrets turn up by chance. */
export const SHORTEST_SECRET = 6;

/** All ways in which a secret may stand in texts and bytes: in clear, as hexadecimal digits, as part of base64. */
export interface SecretForms {
  readonly field: string;
  readonly texts: readonly string[];
  readonly bytes: readonly Buffer[];
}

/** Prepares the search for one secret. */
export function secretForms(field: string, secret: string): SecretForms {
  const bytes = [Buffer.from(secret, 'utf8'), Buffer.from(secret, 'utf16le'), ...binaryValue(secret)];
  const texts = bytes.flatMap((form) => [form.toString('hex'), form.toString('hex').toUpperCase(), spaced(form), ...base64Parts(form)]);
  return { field, bytes, texts: [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), ...texts] };
}

/** A key written as digits (`01:02:03:04:05:06`, `0x0102...`) goes over the wire as the bytes that it names. */
function binaryValue(secret: string): Buffer[] {
  const digits = secret.replace(/^0x/i, '').replaceAll(/[:.\-\s]/g, '');
  return /^([0-9a-f]{2}){6,}$/i.test(digits) ? [Buffer.from(digits, 'hex')] : [];
}

/** How a Buffer prints. */
function spaced(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1 ');
}

/** What base64 makes of the bytes at each of the three places where they can start; the characters they share with others left out. */
function base64Parts(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64').replaceAll('=', '');
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(Math.ceil((offset * 8) / 6), whole);
  });
}

/** The field whose secret stands in this text or in these bytes, or undefined. */
export function findSecret(payload: string | Uint8Array, secrets: readonly SecretForms[]): string | undefined {
  if (typeof payload === 'string') return secrets.find(({ texts }) => texts.some((text) => payload.includes(text)))?.field;
  const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  const found = secrets.find(({ bytes }) => bytes.some((form) => buffer.includes(form)))?.field;
  // Bytes may hold text that holds the secret in another form: a header with base64.
  return found ?? findSecret(buffer.toString('latin1'), secrets);
}

/** A value printed as far as anybody prints it: inspected with hidden properties, and as JSON. */
export function printEverything(value: unknown): string {
  return `${inspect(value, { depth: 6, showHidden: true, maxArrayLength: 1000, maxStringLength: 100_000, breakLength: Infinity })}\n${toJson(value)}`;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

/** An error with everything it holds: message, stack, details, hint and causes, down to the last. */
export function printError(error: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  for (let current = error; current !== undefined && current !== null && !seen.has(current); current = (current as { readonly cause?: unknown }).cause) {
    seen.add(current);
    parts.push(printEverything(current));
    if (current instanceof Error) parts.push(String(current), current.message, current.stack ?? '');
    for (const inner of (current as { readonly errors?: unknown[] }).errors ?? []) parts.push(printEverything(inner));
  }
  return parts.join('\n');
}
