/** A disk of the machine that an agent runs on. Positions and lengths in bytes. */
export interface Disk extends AsyncDisposable {
  /** As the machine's system names it: `/dev/sda`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Size of a logical sector: 512 or 4096. */
  readonly sectorBytes: number;
  /** Reads exactly `length` bytes. @throws RangeError beyond the end */
  read(position: number, length: number): Promise<Buffer>;
  /** Writes all bytes. @throws RangeError beyond the end; the operating system's error */
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Fills with zero bytes; quicker than writing them where that is possible. */
  erase(position: number, length: number): Promise<void>;
  /** Resolves when everything written is safe. */
  sync(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;

/** Whether something was written to its beginning: firmware would try to boot it. */
export async function looksWritten(disk: Disk): Promise<boolean> {
  const start = await disk.read(0, Math.min(MEBIBYTE, disk.sizeBytes));
  return start.some((byte) => byte !== 0);
}

/** @throws RangeError when the place is not on the disk */
export function checkPlace(disk: Pick<Disk, 'name' | 'sizeBytes'>, position: number, length: number): void {
  if (position >= 0 && length >= 0 && position + length <= disk.sizeBytes) return;
  throw new RangeError(`${disk.name} has ${disk.sizeBytes} bytes: ${length} bytes at ${position} are not all on it`);
}
