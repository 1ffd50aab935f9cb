import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { FerricError, printValue } from '@ferric/core';
import type { SaslContext, SaslCredentials, SaslExchange, SaslMechanism } from './mechanism.js';
import { checkCredentials, saslFault, serverNotProven } from './sasl-error.js';
import { parseChallenge, parseOutcome, writeFinalWithoutProof, writeFirst } from './scram-message.js';

interface ScramHash {
  readonly mechanism: string;
  /** As node:crypto calls it. */
  readonly hash: 'sha1' | 'sha256' | 'sha512';
  readonly bytes: number;
}

class ScramExchange implements SaslExchange {
  readonly #hash: ScramHash;
  readonly #credentials: SaslCredentials;
  readonly #nonce: string;
  /** The signature that the server must give; known once its challenge has been answered. */
  #expected: Buffer | undefined;
  #proven = false;

  constructor(hash: ScramHash, credentials: SaslCredentials, context: SaslContext) {
    this.#hash = hash;
    this.#credentials = credentials;
    this.#nonce = context.nonce();
  }

  start(): Buffer {
    return Buffer.from(writeFirst(this.#credentials.username, this.#nonce).message);
  }

  step(serverData: Uint8Array | undefined): Buffer {
    if (this.#expected === undefined) return this.#respond(serverData);
    // A server may send its signature before it says that it is complete; an empty answer then asks it to say so.
    this.#verify(this.#expected, serverData);
    return Buffer.alloc(0);
  }

  complete(serverData: Uint8Array | undefined): undefined {
    if (this.#expected === undefined) throw serverNotProven(this.#hash.mechanism, 'it says that all is done before it has asked for anything');
    if (this.#proven && (serverData === undefined || serverData.length === 0)) return;
    this.#verify(this.#expected, serverData);
  }

  /** The proof, and what the server must answer to it. Source: RFC 5802 §3. */
  #respond(serverData: Uint8Array | undefined): Buffer {
    const { mechanism, hash, bytes } = this.#hash;
    const challenge = parseChallenge(mechanism, serverData, this.#nonce);
    const withoutProof = writeFinalWithoutProof(challenge.nonce);
    const signed = [writeFirst(this.#credentials.username, this.#nonce).bare, challenge.text, withoutProof].join(',');
    const mac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest();

    const salted = pbkdf2Sync(this.#credentials.password.reveal(), challenge.salt, challenge.iterations, bytes, hash);
    const clientKey = mac(salted, 'Client Key');
    const storedKey = createHash(hash).update(clientKey).digest();
    const clientSignature = mac(storedKey, signed);
    const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] as number));

    this.#expected = mac(mac(salted, 'Server Key'), signed);
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  #verify(expected: Buffer, serverData: Uint8Array | undefined): void {
    const { mechanism } = this.#hash;
    if (this.#proven) throw saslFault(mechanism, 'it goes on after its signature');
    if (serverData === undefined) throw serverNotProven(mechanism, 'its signature is missing');
    const outcome = parseOutcome(mechanism, serverData);
    if ('error' in outcome) throw serverError(mechanism, outcome.error);
    const { signature } = outcome;
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) throw serverNotProven(mechanism, 'its signature is wrong');
    this.#proven = true;
  }
}

/** Source of the words: RFC 5802 §7, server-error-value. */
function serverError(mechanism: string, word: string): FerricError {
  return new FerricError('AUTH_FAILED', `The daemon refused the credentials (${mechanism}): ${printValue(word)}`, {
    details: { mechanism },
    hint: 'Check the user name and the password.',
  });
}

function createScram(hash: ScramHash, strength: number): SaslMechanism {
  return {
    name: hash.mechanism,
    strength,
    plaintext: false,
    protects: false,
    weak: false,
    begin(credentials, context) {
      checkCredentials(credentials);
      return new ScramExchange(hash, credentials, context);
    },
  };
}

/**
 * SCRAM without channel binding (RFC 5802, RFC 7677): the password is never sent, and the server proves that it knows it too.
 *
 * Passwords are hashed as they are given. RFC 5802 wants them prepared with SASLprep first, but Cyrus SASL, which every libvirt daemon uses,
 * stores and compares them unprepared: a prepared one would be refused wherever preparing changes anything.
 */
export const scramSha512: SaslMechanism = createScram({ mechanism: 'SCRAM-SHA-512', hash: 'sha512', bytes: 64 }, 50);
export const scramSha256: SaslMechanism = createScram({ mechanism: 'SCRAM-SHA-256', hash: 'sha256', bytes: 32 }, 40);
export const scramSha1: SaslMechanism = createScram({ mechanism: 'SCRAM-SHA-1', hash: 'sha1', bytes: 20 }, 30);
