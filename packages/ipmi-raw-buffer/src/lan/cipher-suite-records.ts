/** One cipher suite as a controller announces it. An algorithm may have several alternatives; none listed means no protection. */
export interface CipherSuiteRecord {
  readonly id: number;
  /** IANA number of the manufacturer whose numbering the id follows; null for the standard's. */
  readonly enterprise: number | null;
  readonly authentication: readonly number[];
  readonly integrity: readonly number[];
  readonly confidentiality: readonly number[];
}

const STANDARD_RECORD = 0xc0;
const OEM_RECORD = 0xc1;
/** Two bits say what kind of algorithm a byte names; both set start the next record. */
const KIND_BITS = 0xc0;
const NUMBER_BITS = 0x3f;
const KINDS: Readonly<Record<number, 'authentication' | 'integrity' | 'confidentiality'>> = { 0x00: 'authentication', 0x40: 'integrity', 0x80: 'confidentiality' };

/**
 * Reads the record data of Get Channel Cipher Suites, put together from all its parts. What cannot be understood ends the list:
 * the records before it are kept, an incomplete one is not. Source: IPMI 2.0, section 22.15.1.
 */
export function decodeCipherSuiteRecords(bytes: Uint8Array): readonly CipherSuiteRecord[] {
  const records: CipherSuiteRecord[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const headBytes = headLength(bytes[offset]);
    if (headBytes === undefined || offset + headBytes > bytes.length) break;
    const end = algorithmsEnd(bytes, offset + headBytes);
    records.push(readRecord(bytes, offset, headBytes, end));
    offset = end;
  }
  return records;
}

function headLength(start: number | undefined): number | undefined {
  if (start === STANDARD_RECORD) return 2;
  return start === OEM_RECORD ? 5 : undefined;
}

function algorithmsEnd(bytes: Uint8Array, from: number): number {
  let end = from;
  while (end < bytes.length && ((bytes[end] ?? 0) & KIND_BITS) !== KIND_BITS) end += 1;
  return end;
}

function readRecord(bytes: Uint8Array, offset: number, headBytes: number, end: number): CipherSuiteRecord {
  const [, id = 0, low = 0, middle = 0, high = 0] = bytes.subarray(offset, offset + headBytes);
  const found = { authentication: [] as number[], integrity: [] as number[], confidentiality: [] as number[] };
  for (const byte of bytes.subarray(offset + headBytes, end)) {
    const kind = KINDS[byte & KIND_BITS];
    if (kind !== undefined) found[kind].push(byte & NUMBER_BITS);
  }
  return { id, enterprise: bytes[offset] === OEM_RECORD ? low | (middle << 8) | (high << 16) : null, ...found };
}
