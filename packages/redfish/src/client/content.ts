import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';
import { FerricError } from '@ferric/core';

/** Larger than any resource; a whole attribute registry has about 1 MiB. */
export const CONTENT_LIMIT_BYTES: number = 4 * 1024 * 1024;

type Unpack = (packed: Buffer) => Promise<Buffer>;

const unpackWith = (method: typeof gunzip): Unpack => {
  const unpack = promisify(method) as (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
  return async (packed) => unpack(packed, { maxOutputLength: CONTENT_LIMIT_BYTES });
};

/** "deflate" is either of two forms: RFC 9110, section 8.4.1.2. The first byte of the zlib form says so: RFC 1950, section 2.2. */
const UNPACK: Readonly<Record<'gzip' | 'zlib' | 'deflate', Unpack>> = { gzip: unpackWith(gunzip), zlib: unpackWith(inflate), deflate: unpackWith(inflateRaw) };

/**
 * The text of an answer, unpacked when it is packed, asked for or not: some firmware of iLO 4 packs it without saying so.
 * @throws PROTOCOL_FAULT for what cannot be unpacked or is too long then
 */
export async function contentText(bytes: Buffer, encoding: string | undefined, path: string): Promise<string> {
  const form = formOf(bytes, encoding);
  if (form === undefined) return bytes.toString('utf8');
  try {
    return (await UNPACK[form](bytes)).toString('utf8');
  } catch (error) {
    const tooLong = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    if (tooLong) throw contentTooLong(path);
    throw new FerricError('PROTOCOL_FAULT', `The answer for ${path} cannot be unpacked`, { cause: error, details: { path, encoding: form } });
  }
}

export function contentTooLong(path: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The answer for ${path} is longer than ${CONTENT_LIMIT_BYTES} bytes`, {
    details: { path, limitBytes: CONTENT_LIMIT_BYTES },
    hint: 'No resource is that long: check that a Redfish service answers at this address and port.',
  });
}

function formOf(bytes: Buffer, encoding: string | undefined): keyof typeof UNPACK | undefined {
  if (bytes.length === 0) return undefined;
  // JSON begins with neither of these bytes.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  if (encoding?.toLowerCase().includes('deflate') !== true) return undefined;
  return bytes[0] === 0x78 ? 'zlib' : 'deflate';
}
