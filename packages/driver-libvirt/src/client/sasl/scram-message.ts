import { isUtf8 } from 'node:buffer';
import { printValue } from '@ferric/core';
import { saslFault, saslUnsupported } from './sasl-error.js';

/** What the server asks for. Source: RFC 5802 §7, server-first-message. */
export interface ScramChallenge {
  /** The client's nonce and the server's addition to it. */
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
  /** The message itself, which is signed. */
  readonly text: string;
}

/** How the server ends. Source: RFC 5802 §7, server-final-message. */
export type ScramOutcome = { readonly signature: Buffer } | { readonly error: string };

/** No channel is bound, and none can be; no other identity is asked for. Source: RFC 5802 §7, gs2-header. */
const GS2_HEADER = 'n,,';
const CHANNEL_BINDING = Buffer.from(GS2_HEADER).toString('base64');

/** Fewer make it cheap to guess the password from one exchange. Source: RFC 5802 §5.1 and RFC 7677 §4. */
const LEAST_ITERATIONS = 4096;
/** More would block the process for longer than about 0.1 s (SHA-256) on the word of a server that has proved nothing yet. Cyrus SASL takes 65536. */
const MOST_ITERATIONS = 600_000;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What is signed of the first message, and the message. */
export function writeFirst(username: string, nonce: string): { readonly bare: string; readonly message: string } {
  const bare = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`;
  return { bare, message: `${GS2_HEADER}${bare}` };
}

/** What is signed of the last message: all but the proof. */
export function writeFinalWithoutProof(nonce: string): string {
  return `c=${CHANNEL_BINDING},r=${nonce}`;
}

/**
 * Reads the challenge and checks that it answers this client.
 * @throws PROTOCOL_FAULT for anything but nonce, salt and count in this order, for a nonce that does not continue ours, and for a count out of
 * range; UNSUPPORTED for an extension that must be understood.
 */
export function parseChallenge(mechanism: string, bytes: Uint8Array | undefined, clientNonce: string): ScramChallenge {
  const text = readText(mechanism, bytes);
  const [nonce, salt, iterations] = readAttributes(mechanism, text, ['r', 's', 'i']);
  if (!nonce.startsWith(clientNonce) || nonce.length === clientNonce.length || !/^[\x21-\x7e]+$/.test(nonce)) {
    throw saslFault(mechanism, 'its nonce does not continue ours');
  }
  return { nonce, salt: readBase64(mechanism, 'salt', salt), iterations: readIterations(mechanism, iterations), text };
}

/** @throws PROTOCOL_FAULT for anything but a signature or an error. */
export function parseOutcome(mechanism: string, bytes: Uint8Array | undefined): ScramOutcome {
  const text = readText(mechanism, bytes);
  if (text.startsWith('e=')) return { error: text.slice(2) };
  const [signature] = readAttributes(mechanism, text, ['v']);
  return { signature: readBase64(mechanism, 'signature', signature) };
}

function readText(mechanism: string, bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length === 0) throw saslFault(mechanism, 'a message is missing');
  if (!isUtf8(bytes) || bytes.includes(0)) throw saslFault(mechanism, 'a message is no UTF-8 text');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** The values of the attributes with which a message begins, in this order. What follows is an extension that may be skipped. */
function readAttributes<const Names extends readonly string[]>(
  mechanism: string,
  text: string,
  names: Names,
): { readonly [Index in keyof Names]: string } {
  const attributes = text.split(',');
  if (text.startsWith('m=')) {
    throw saslUnsupported(mechanism, 'it demands an extension of the protocol', 'Choose another mechanism in mech_list of /etc/sasl2/libvirt.conf.');
  }
  const strange = attributes.find((attribute) => !/^[A-Za-z]=[^]/.test(attribute));
  if (strange !== undefined) throw saslFault(mechanism, `${printValue(strange)} is no attribute`);
  const values = names.map((name, index) => {
    const attribute = attributes[index];
    if (attribute === undefined || !attribute.startsWith(`${name}=`)) throw saslFault(mechanism, `attribute ${name} is missing`);
    return attribute.slice(2);
  });
  return values as unknown as { readonly [Index in keyof Names]: string };
}

function readBase64(mechanism: string, name: string, text: string): Buffer {
  if (!BASE64.test(text)) throw saslFault(mechanism, `its ${name} is not base64`);
  return Buffer.from(text, 'base64');
}

function readIterations(mechanism: string, text: string): number {
  const iterations = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (iterations < LEAST_ITERATIONS || iterations > MOST_ITERATIONS) {
    throw saslFault(mechanism, `an iteration count of ${printValue(text)}; it is at least ${LEAST_ITERATIONS} and at most ${MOST_ITERATIONS}`);
  }
  return iterations;
}
