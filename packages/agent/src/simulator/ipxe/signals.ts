/** Thrown by `exit`: ends the script with a status, 0 for success. */
export class ScriptExit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

/** Thrown by `goto`. */
export class Jump extends Error {
  readonly label: string;

  constructor(label: string) {
    super(`goto ${label}`);
    this.label = label;
  }
}
