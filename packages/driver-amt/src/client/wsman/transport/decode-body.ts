import { TextDecoder } from 'node:util';

/**
 * The text of a body in the encoding that its Content-Type names, UTF-8 when it names none that is known. A byte order mark is left out, and what
 * is no text in that encoding becomes U+FFFD: a broken host name must not hide the rest of an answer.
 */
export function decodeBody(bytes: Uint8Array, contentType: string | undefined): string {
  return decoderOf(/charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1]).decode(bytes);
}

function decoderOf(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset ?? 'utf-8');
  } catch {
    return new TextDecoder('utf-8');
  }
}
