export type SecureBootKeys = 'factory' | 'none' | 'no platform key';

/** UEFI secure boot: what holds, and what will after the next start. */
export class SecureBoot {
  isOn = false;
  /** What holds after the next start. */
  isWanted = false;
  keys: SecureBootKeys = 'factory';
  #wantedKeys: SecureBootKeys | undefined;

  get isChanging(): boolean {
    return this.isOn !== this.isWanted || this.#wantedKeys !== undefined;
  }

  changeKeys(keys: SecureBootKeys): void {
    this.#wantedKeys = keys;
  }

  /** Takes up what is wanted. Without keys it cannot be on. */
  apply(): void {
    this.keys = this.#wantedKeys ?? this.keys;
    this.#wantedKeys = undefined;
    this.isOn = this.isWanted && this.keys === 'factory';
    this.isWanted = this.isOn;
  }
}
