/** The flash memory of the firmware, which bears only so many writes in a time. */
export interface Flash {
  /** Writes so far. */
  readonly writes: number;
  /** Writes beyond this are refused. Default: none are. */
  limit: number;
  /** False when it is worn out for now; then nothing may be written. */
  write(): boolean;
}

export function createFlash(limit: number): Flash {
  let writes = 0;
  const flash: Flash = {
    limit,
    get writes() {
      return writes;
    },
    write() {
      if (writes >= flash.limit) return false;
      writes += 1;
      return true;
    },
  };
  return flash;
}
