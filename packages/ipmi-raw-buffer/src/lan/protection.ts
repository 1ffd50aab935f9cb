import { type Cipheriv, createCipheriv, createDecipheriv, createHmac, type Decipheriv, type KeyObject, randomFillSync, timingSafeEqual } from 'node:crypto';
import type { CipherSuite } from './cipher-suites.js';
import { decodePacket, HEADER_BYTES, type Packet, type PacketHeader, SESSION_HEADER_OFFSET, writePacketHeader } from './packet.js';
import type { SessionKeys } from './rakp.js';

/** Size of an AES block, and of the initialisation vector that starts an encrypted payload. */
const BLOCK_BYTES = 16;
const AES = 'aes-128-cbc';
/** Ends the padding of the session trailer. Source: IPMI 2.0, table 13-8. */
const NEXT_HEADER = 0x07;
const PAD_BYTE = 0xff;
/** What the trailer has besides padding and code: pad length and next header. */
const TRAILER_BYTES = 2;

/** Randomness for initialisation vectors is fetched in stock: fetching 16 bytes costs as much as encrypting the packet. */
const randomStock = Buffer.alloc(256 * BLOCK_BYTES);
let randomUsed = randomStock.length;

/** A packet of the session after its checks. */
export interface OpenedPacket {
  readonly payloadType: number;
  readonly sequence: number;
  /** In clear. */
  readonly payload: Uint8Array;
}

/**
 * Encrypts and proves the packets of one session, and opens those of the other side.
 * Source: IPMI 2.0, sections 13.28.4 and 13.29; compared with the packets of ipmitool 1.8.19.
 *
 * One cipher serves all packets: a random block goes through it first, and what comes out is the initialisation vector on the wire,
 * as unpredictable as the block was. The way back is the same: decrypting the vector yields a block that is thrown away.
 */
export class Protection {
  readonly #suite: CipherSuite;
  readonly #k1: KeyObject | undefined;
  readonly #cipher: Cipheriv | undefined;
  readonly #decipher: Decipheriv | undefined;

  /** @param keys null where the suite proves nothing */
  constructor(suite: CipherSuite, keys: SessionKeys | null) {
    this.#suite = suite;
    if (keys === null) return;
    if (suite.integrity !== 0) this.#k1 = keys.k1;
    if (suite.confidentiality === 0) return;
    const key = keys.k2.subarray(0, BLOCK_BYTES);
    const start = new Uint8Array(BLOCK_BYTES);
    this.#cipher = createCipheriv(AES, key, start).setAutoPadding(false);
    this.#decipher = createDecipheriv(AES, key, start).setAutoPadding(false);
  }

  /** Whether each packet carries a code that only the two sides can make. */
  get proves(): boolean {
    return this.#k1 !== undefined;
  }

  /** A whole datagram. @param randomBlock 16 bytes that nobody can foresee */
  seal(header: Pick<PacketHeader, 'payloadType' | 'sessionId' | 'sequence'>, payload: Uint8Array, randomBlock: Uint8Array = nextRandomBlock()): Buffer {
    const body = this.#cipher === undefined ? payload : this.#cipher.update(padBlocks(payload, randomBlock));
    const end = HEADER_BYTES + body.length;
    const code = this.#k1 === undefined ? 0 : this.#suite.packetCodeBytes;
    // From the session header to the next header the packet is a multiple of four bytes.
    const pad = code === 0 ? 0 : -(end - SESSION_HEADER_OFFSET + TRAILER_BYTES) & 3;
    const datagram = Buffer.allocUnsafe(code === 0 ? end : end + pad + TRAILER_BYTES + code);
    writePacketHeader(datagram, { ...header, encrypted: this.#cipher !== undefined, authenticated: code !== 0 }, body.length);
    datagram.set(body, HEADER_BYTES);
    if (code === 0) return datagram;
    const codeOffset = end + pad + TRAILER_BYTES;
    datagram.fill(PAD_BYTE, end, end + pad);
    datagram[end + pad] = pad;
    datagram[codeOffset - 1] = NEXT_HEADER;
    datagram.set(this.#code(datagram, codeOffset), codeOffset);
    return datagram;
  }

  /** Opens a datagram; undefined when it does not prove to come from the other side of this session. @throws PROTOCOL_FAULT when it is no packet */
  open(datagram: Uint8Array, sessionId: number): OpenedPacket | undefined {
    const packet = decodePacket(datagram);
    if (packet.sessionId !== sessionId || packet.encrypted !== (this.#cipher !== undefined)) return undefined;
    if (!this.#verify(packet, datagram)) return undefined;
    const payload = this.#decipher === undefined ? packet.payload : decrypt(this.#decipher, packet.payload);
    return payload === undefined ? undefined : { payloadType: packet.payloadType, sequence: packet.sequence, payload };
  }

  #verify(packet: Packet, datagram: Uint8Array): boolean {
    if (packet.authenticated !== this.proves) return false;
    if (!this.proves) return true;
    // The code is what the datagram ends with: how much padding comes before it is the sender's business.
    const codeOffset = datagram.length - this.#suite.packetCodeBytes;
    if (codeOffset < packet.trailerOffset + TRAILER_BYTES) return false;
    return timingSafeEqual(this.#code(datagram, codeOffset), datagram.subarray(codeOffset));
  }

  #code(datagram: Uint8Array, end: number): Uint8Array {
    const { hash } = this.#suite;
    if (hash === null || this.#k1 === undefined) return new Uint8Array(0);
    return createHmac(hash, this.#k1).update(datagram.subarray(SESSION_HEADER_OFFSET, end)).digest().subarray(0, this.#suite.packetCodeBytes);
  }
}

/** The random block, the payload, the bytes 1, 2, 3 ... that fill the last block, and their number. Source: IPMI 2.0, section 13.29. */
function padBlocks(payload: Uint8Array, randomBlock: Uint8Array): Buffer {
  const pad = -(payload.length + 1) & (BLOCK_BYTES - 1);
  const length = BLOCK_BYTES + payload.length + pad + 1;
  const blocks = Buffer.allocUnsafe(length);
  blocks.set(randomBlock);
  blocks.set(payload, BLOCK_BYTES);
  for (let count = 1; count <= pad; count += 1) blocks[length - 2 - pad + count] = count;
  blocks[length - 1] = pad;
  return blocks;
}

function decrypt(decipher: Decipheriv, body: Uint8Array): Uint8Array | undefined {
  // Whole blocks only: the decipher would keep a rest for the next packet.
  if (body.length < 2 * BLOCK_BYTES || body.length % BLOCK_BYTES !== 0) return undefined;
  const blocks = decipher.update(body);
  const pad = blocks[blocks.length - 1] ?? 0;
  const end = blocks.length - 1 - pad;
  if (pad >= BLOCK_BYTES || end < BLOCK_BYTES) return undefined;
  for (let count = 1; count <= pad; count += 1) if (blocks[end + count - 1] !== count) return undefined;
  return blocks.subarray(BLOCK_BYTES, end);
}

function nextRandomBlock(): Uint8Array {
  if (randomUsed === randomStock.length) {
    randomFillSync(randomStock);
    randomUsed = 0;
  }
  randomUsed += BLOCK_BYTES;
  return randomStock.subarray(randomUsed - BLOCK_BYTES, randomUsed);
}
