/** One file of an archive. */
export interface TarFile {
  /** At most 99 bytes. */
  readonly name: string;
  readonly content: Uint8Array;
  readonly at: Date;
}

const BLOCK_BYTES = 512;

/** Packs files into a tar archive. Source: POSIX.1-2017, pax, "ustar Interchange Format". */
export function tarArchive(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [header(file), file.content, Buffer.alloc(-file.content.length & (BLOCK_BYTES - 1))]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function header({ name, content, at }: TarFile): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width, '0');
  block.write(name, 0, 99, 'utf8');
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(content.length, 11), 124);
  block.write(octal(Math.floor(at.getTime() / 1000), 11), 136);
  // The sum counts its own place as spaces.
  block.fill(' ', 148, 156);
  block.write('0', 156);
  block.write('ustar\u000000', 257, 'latin1');
  block.write(`${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\u0000 `, 148, 'latin1');
  return block;
}
