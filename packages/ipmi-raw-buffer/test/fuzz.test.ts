import { readdirSync, readFileSync } from 'node:fs';
import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { COMMAND_DECODERS } from './fuzz-commands.js';
import { LAN_DECODERS } from './fuzz-lan.js';
import { RECORD_DECODERS } from './fuzz-records.js';
import { createRandom, mutate, randomBytes } from './mutations.js';

/** Packets for all decoders together. */
const PACKETS = Number(process.env['FERRIC_FUZZ_PACKETS'] ?? 1_000_000);
const SEED = Number(process.env['FERRIC_FUZZ_SEED'] ?? 20_261_121);
const DECODERS = [...LAN_DECODERS, ...COMMAND_DECODERS, ...RECORD_DECODERS];
/** Values that a result may hold for each byte of its packet, and besides: a packet must not grow into something huge. */
const VALUES_PER_BYTE = 32;
const VALUES_BESIDES = 2000;
const LIMIT_MS = 600_000;

/** Every piece of hexadecimal in the fixtures: whole packets, messages, records, answers. */
const CORPUS: readonly Uint8Array[] = [...new Set(readdirSync(new URL('fixtures/', import.meta.url)).filter((name) => name.endsWith('.json')).flatMap(hexadecimalIn))].map(
  (digits) => Uint8Array.from(Buffer.from(digits, 'hex')),
);

function hexadecimalIn(name: string): readonly string[] {
  const text = readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
  return [...text.matchAll(/"((?:[0-9a-f]{2} ?)+)"/g)].map(([, digits = '']) => digits.replaceAll(' ', ''));
}

/** Calls the decoder, and says what is wrong with how it took the bytes; undefined when nothing is. */
function problemOf(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): string | undefined {
  try {
    const values = countValues(decode(bytes));
    return values > VALUES_BESIDES + VALUES_PER_BYTE * bytes.length ? `${values} values came of ${bytes.length} bytes` : undefined;
  } catch (error) {
    if (FerricError.is(error) && error.code === 'PROTOCOL_FAULT') return undefined;
    return String(error);
  }
}

function countValues(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + countValues(each), 1);
}

function hexadecimal(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

describe(`hostile bytes, ${PACKETS} packets for ${DECODERS.length} decoders, FERRIC_FUZZ_SEED=${SEED}`, () => {
  test('there are recorded bytes to begin with', () => {
    expect(CORPUS.length).toBeGreaterThan(300);
  });

  test.each(DECODERS)('$name: a value or a PROTOCOL_FAULT, of reasonable size', { timeout: LIMIT_MS }, ({ name, decode }) => {
    const random = createRandom(SEED ^ hash(name));
    const problems: string[] = [];
    for (let count = Math.ceil(PACKETS / DECODERS.length); count > 0 && problems.length === 0; count -= 1) {
      // One in eight is nothing that anybody ever sent.
      const bytes = random(8) === 0 ? randomBytes(random(80), random) : mutate(CORPUS[random(CORPUS.length)] ?? new Uint8Array(), random);
      const problem = problemOf(decode, bytes);
      if (problem !== undefined) problems.push(`${hexadecimal(bytes)}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });
});

function hash(text: string): number {
  return [...text].reduce((sum, character) => (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) | 0, 7);
}
