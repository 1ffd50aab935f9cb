import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Secret } from '@ferric/core';

// SCRAM-SHA-256 from the server's side. Source: RFC 5802 and RFC 7677.

export const SCRAM_SHA_256 = 'SCRAM-SHA-256';
const HASH = 'sha256';
const KEY_BYTES = 32;
/** RFC 7677 section 4: at least 4096. */
const ITERATIONS = 4096;

/** What a server keeps of a password. */
export interface ScramVerifier {
  readonly username: string;
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

export interface ScramCredentials {
  readonly username: string;
  readonly password: Secret;
}

const hmac = (key: Buffer, text: string): Buffer => createHmac(HASH, key).update(text).digest();

export async function createScramVerifier({ username, password }: ScramCredentials, salt: Buffer = randomBytes(16)): Promise<ScramVerifier> {
  const salted = await promisify(pbkdf2)(password.reveal().normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, HASH);
  const storedKey = createHash(HASH).update(hmac(salted, 'Client Key')).digest();
  return { username, salt, iterations: ITERATIONS, storedKey, serverKey: hmac(salted, 'Server Key') };
}

/** What came of one message of the client. */
export type ScramStep =
  | { readonly status: 'continue'; readonly answer: string }
  | { readonly status: 'done'; readonly answer: string }
  | { readonly status: 'refused' };

const REFUSED: ScramStep = { status: 'refused' };

/** One attempt to log in: takes the client's messages one after the other. */
export class ScramServer {
  readonly #verifier: ScramVerifier;
  readonly #serverNonce: string;
  #proofWanted: { readonly nonce: string; readonly header: string; readonly exchanged: string } | undefined;

  constructor(verifier: ScramVerifier, serverNonce: string = randomBytes(18).toString('base64')) {
    this.#verifier = verifier;
    this.#serverNonce = serverNonce;
  }

  step(message: string): ScramStep {
    return this.#proofWanted === undefined ? this.#first(message) : this.#final(message, this.#proofWanted);
  }

  /** `n,,n=user,r=nonce`; channel binding is refused, an authorization identity must be the user. */
  #first(message: string): ScramStep {
    const match = /^([ny],(?:a=([^,]*))?,)(n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(message);
    if (match === null) return REFUSED;
    const [, header = '', authorizationId, bare = '', username = '', clientNonce = ''] = match;
    const user = decodeName(username);
    if (user !== this.#verifier.username || (authorizationId !== undefined && decodeName(authorizationId) !== user)) return REFUSED;
    const nonce = `${clientNonce}${this.#serverNonce}`;
    const answer = `r=${nonce},s=${this.#verifier.salt.toString('base64')},i=${this.#verifier.iterations}`;
    this.#proofWanted = { nonce, header, exchanged: `${bare},${answer}` };
    return { status: 'continue', answer };
  }

  /** `c=header,r=nonce,p=proof` */
  #final(message: string, { nonce, header, exchanged }: { readonly nonce: string; readonly header: string; readonly exchanged: string }): ScramStep {
    const match = /^(c=([^,]*),r=([^,]*)(?:,.*)?),p=([^,]*)$/.exec(message);
    if (match === null) return REFUSED;
    const [, withoutProof = '', binding = '', sentNonce = '', proofText = ''] = match;
    const proof = Buffer.from(proofText, 'base64');
    if (binding !== Buffer.from(header).toString('base64') || sentNonce !== nonce || proof.length !== KEY_BYTES) return REFUSED;
    const signed = `${exchanged},${withoutProof}`;
    const signature = hmac(this.#verifier.storedKey, signed);
    const clientKey = Buffer.from(proof.map((byte, index) => byte ^ (signature[index] ?? 0)));
    if (!timingSafeEqual(createHash(HASH).update(clientKey).digest(), this.#verifier.storedKey)) return REFUSED;
    return { status: 'done', answer: `v=${hmac(this.#verifier.serverKey, signed).toString('base64')}` };
  }
}

/** RFC 5802 section 5.1: commas and equal signs of names are written `=2C` and `=3D`. */
function decodeName(name: string): string {
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
