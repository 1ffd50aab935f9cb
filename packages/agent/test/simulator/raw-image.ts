import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** What the qcow2 files of test/fixtures/disks stand for, by the rule in their SOURCE.md. */
export function rawImage(): Buffer {
  const block = (number: number): Buffer => {
    const kind = number % 4;
    if (kind === 0) return Buffer.alloc(4096);
    if (kind === 1) return Buffer.alloc(4096, number);
    if (kind === 2) return Buffer.alloc(4096, `block ${number} `);
    return Buffer.concat(Array.from({ length: 128 }, (_, part) => createHash('sha256').update(`${number}:${part}`).digest()));
  };
  return Buffer.concat(Array.from({ length: 16 }, (_, number) => block(number)));
}

export const RAW_SHA256 = '4bcc7f1dcfa78c8adffc1f3f951d07e09ba25b1c83b30c4169ae4a3674df2955';

/** A file of test/fixtures/disks, unpacked. */
export function diskFixture(name: string): Buffer {
  const content = readFileSync(new URL(`../fixtures/disks/${name}`, import.meta.url));
  return name.endsWith('.gz') ? gunzipSync(content) : content;
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
