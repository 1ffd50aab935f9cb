import { readFileSync } from 'node:fs';
import { Secret } from '@ferric/core';
import type { SaslContext, SaslCredentials } from '../src/client/sasl/mechanism.js';

export interface DigestRecording {
  readonly name: string;
  readonly quality: 'auth' | 'auth-int' | 'auth-conf';
  readonly cipher?: 'rc4' | 'rc4-56' | 'rc4-40';
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly cnonce: string;
  readonly challenge: string;
  readonly response: string;
  readonly rspauth: string;
  /** Hexadecimal. */
  readonly units: readonly { readonly message: string; readonly fromClient: string; readonly fromServer: string }[];
}

export interface ScramRecording {
  readonly mechanism: string;
  readonly username: string;
  readonly password: string;
  readonly nonce: string;
  readonly challenge: string;
  readonly response: string;
  readonly outcome: string;
}

/** What Cyrus SASL said and accepted; see SOURCE.md beside the file. */
export const recordings = JSON.parse(readFileSync(new URL('fixtures/cyrus-sasl/exchanges.json', import.meta.url), 'utf8')) as {
  readonly digest: readonly DigestRecording[];
  readonly scram: readonly ScramRecording[];
};

export function account(username: string, password: string): SaslCredentials {
  return { username, password: new Secret(password) };
}

export function context(nonce: string, changes: Partial<SaslContext> = {}): SaslContext {
  return { host: 'host.example', secure: true, nonce: () => nonce, ...changes };
}

/** One character, one byte. */
export function bytes(characters: string): Buffer {
  return Buffer.from(characters, 'latin1');
}

export function text(data: Uint8Array | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data).toString('latin1');
}
