// Bytes that no firmware means: a faulty power supply was seen to put 0x01 into the health report (python-hpilo, hpilo.py).
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
const NOT_ASCII = /[\u0080-\u00ff]/g;
const START = '<?xml';

/** The text of an answer. RIBCL is ASCII: control bytes are left out, any other byte becomes the sign for an unreadable character. */
export function decodeBody(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.replace(CONTROL, '').replace(NOT_ASCII, '\ufffd');
}

/**
 * The documents that stand in a row in one answer, without blanks around them and without empty ones. One answer holds about one
 * document for each tag of the request. What stands before the first `<?xml` belongs to no document and is left out.
 */
export function splitDocuments(text: string): readonly string[] {
  return text
    .split(START)
    .slice(1)
    .map((rest) => (START + rest).trim());
}
