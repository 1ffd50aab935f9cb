import { createHmac, createSecretKey, timingSafeEqual, type KeyObject } from 'node:crypto';
import { DIGEST_MD5 } from './digest-directives.js';
import { layerKey } from './digest-hash.js';
import type { DigestCipher, DigestProtection } from './digest-quality.js';
import type { SecurityLayer } from './mechanism.js';
import { Rc4 } from './rc4.js';
import { saslFault } from './sasl-error.js';

/** Largest unit taken from the daemon, and told to it as `maxbuf`. Its length field is not counted. */
export const RECEIVE_LIMIT = 65_536;

/** A unit: its length, the message, the first bytes of its HMAC, type 1, its number. Source: RFC 2831 §2.3 and §2.4. */
const LENGTH_BYTES = 4;
const MAC_BYTES = 10;
const TRAILER_BYTES = 6;
const OVERHEAD_BYTES = MAC_BYTES + TRAILER_BYTES;
const UNIT_TYPE = 1;

/** How much of H(A1) goes into the key of a cipher, in bytes. Source: RFC 2831 §2.4. */
const CIPHER_SECRET_BYTES: Readonly<Record<DigestCipher, number>> = { 'rc4-40': 5, 'rc4-56': 7, rc4: 16 };

type Sender = 'client' | 'server';
const DIRECTION: Readonly<Record<Sender, string>> = { client: 'client-to-server', server: 'server-to-client' };

export interface DigestLayerSettings {
  /** H(A1), 16 bytes. */
  readonly secret: Uint8Array;
  readonly protection: Exclude<DigestProtection, { readonly quality: 'auth' }>;
  /** Largest unit that the other side takes, its length field not counted. Bytes, at least 17. */
  readonly sendLimit: number;
  /** Which side this is. Default: the client. */
  readonly sender?: Sender;
}

/** One direction of a layer: its keys, its cipher, and the number of the next unit. */
class Direction {
  readonly #signingKey: KeyObject;
  readonly #cipher: Rc4 | undefined;
  #number = 0;

  constructor(settings: DigestLayerSettings, sender: Sender) {
    const { secret, protection } = settings;
    this.#signingKey = createSecretKey(layerKey(secret, `Digest session key to ${DIRECTION[sender]} signing key magic constant`));
    if (protection.quality === 'auth-conf') {
      const cipherSecret = secret.subarray(0, CIPHER_SECRET_BYTES[protection.cipher]);
      this.#cipher = new Rc4(layerKey(cipherSecret, `Digest H(A1) to ${DIRECTION[sender]} sealing key magic constant`));
    }
  }

  /** Type and number of the present unit. */
  trailer(): Buffer {
    const trailer = Buffer.allocUnsafe(TRAILER_BYTES);
    trailer.writeUInt16BE(UNIT_TYPE, 0);
    trailer.writeUInt32BE(this.#number, 2);
    return trailer;
  }

  mac(message: Uint8Array): Buffer {
    const number = this.trailer().subarray(2);
    return createHmac('md5', this.#signingKey).update(number).update(message).digest().subarray(0, MAC_BYTES);
  }

  /** Encrypts or decrypts in place; nothing at all where only integrity was agreed on. */
  cipher(bytes: Uint8Array): void {
    this.#cipher?.apply(bytes);
  }

  next(): void {
    this.#number = (this.#number + 1) >>> 0;
  }
}

class DigestLayer implements SecurityLayer {
  readonly #sending: Direction;
  readonly #receiving: Direction;
  readonly #messageLimit: number;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #wanted = LENGTH_BYTES;
  #failure: Error | undefined;

  constructor(settings: DigestLayerSettings) {
    const sender = settings.sender ?? 'client';
    this.#sending = new Direction(settings, sender);
    this.#receiving = new Direction(settings, sender === 'client' ? 'server' : 'client');
    this.#messageLimit = settings.sendLimit - OVERHEAD_BYTES;
  }

  wrap(bytes: Uint8Array): Buffer {
    const units = Math.ceil(bytes.length / this.#messageLimit);
    const sealed = Buffer.allocUnsafe(bytes.length + units * (LENGTH_BYTES + OVERHEAD_BYTES));
    let at = 0;
    for (let start = 0; start < bytes.length; start += this.#messageLimit) {
      at += this.#seal(bytes.subarray(start, start + this.#messageLimit), sealed, at);
    }
    return sealed;
  }

  /** Writes one unit and says how long it is. */
  #seal(message: Uint8Array, target: Buffer, at: number): number {
    const start = at + LENGTH_BYTES;
    const end = start + message.length + MAC_BYTES;
    target.writeUInt32BE(message.length + OVERHEAD_BYTES, at);
    target.set(message, start);
    target.set(this.#sending.mac(message), start + message.length);
    this.#sending.cipher(target.subarray(start, end));
    target.set(this.#sending.trailer(), end);
    this.#sending.next();
    return end + TRAILER_BYTES - at;
  }

  unwrap(bytes: Uint8Array): Buffer {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const messages = this.#take(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      return messages.length === 1 ? (messages[0] as Buffer) : Buffer.concat(messages);
    } catch (error) {
      // The cipher and the count are past the bad unit: nothing that follows could be told from noise.
      this.#failure = error as Error;
      this.#chunks = [];
      throw error;
    }
  }

  /** The messages that are complete with these bytes. What is left over waits as it came, and is put together once, when it is whole. */
  #take(chunk: Buffer): readonly Buffer[] {
    const messages: Buffer[] = [];
    if (chunk.length > 0) this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    while (this.#buffered >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
      this.#wanted = LENGTH_BYTES + unitLength(bytes);
      const complete = bytes.length >= this.#wanted;
      if (complete) messages.push(this.#open(bytes.subarray(LENGTH_BYTES, this.#wanted)));
      const rest = complete ? bytes.subarray(this.#wanted) : bytes;
      this.#chunks = rest.length === 0 ? [] : [rest];
      this.#buffered = rest.length;
      if (complete) this.#wanted = LENGTH_BYTES;
    }
    return messages;
  }

  /** The message of one unit, its length field taken off. The bytes of the caller stay as they are. */
  #open(unit: Buffer): Buffer {
    const trailer = unit.subarray(unit.length - TRAILER_BYTES);
    if (!trailer.equals(this.#receiving.trailer())) throw saslFault(DIGEST_MD5, 'a protected unit is out of order or of an unknown type');
    const sealed = Buffer.from(unit.subarray(0, unit.length - TRAILER_BYTES));
    this.#receiving.cipher(sealed);
    const message = sealed.subarray(0, sealed.length - MAC_BYTES);
    if (!timingSafeEqual(sealed.subarray(message.length), this.#receiving.mac(message))) {
      throw saslFault(DIGEST_MD5, 'a protected unit was changed on its way');
    }
    this.#receiving.next();
    return message;
  }
}

/** The length of the unit that begins here. */
function unitLength(bytes: Buffer): number {
  const length = bytes.readUInt32BE(0);
  if (length < OVERHEAD_BYTES || length > RECEIVE_LIMIT) {
    throw saslFault(DIGEST_MD5, `a protected unit of ${length} bytes; it has at least ${OVERHEAD_BYTES} and at most ${RECEIVE_LIMIT}`);
  }
  return length;
}

/**
 * The integrity (`auth-int`) or encryption (`auth-conf`) of DIGEST-MD5.
 * @throws PROTOCOL_FAULT when the other side takes units too small to hold one byte.
 */
export function createDigestLayer(settings: DigestLayerSettings): SecurityLayer {
  if (settings.sendLimit <= OVERHEAD_BYTES) throw saslFault(DIGEST_MD5, `maxbuf must be more than ${OVERHEAD_BYTES}, but is ${settings.sendLimit}`);
  return new DigestLayer(settings);
}
