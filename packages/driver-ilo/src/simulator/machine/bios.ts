import { type Outcome, refuse } from '../outcome.js';

/** A value of a BIOS attribute. */
export type BiosValue = string | number | boolean | null;
export type BiosAttributes = Readonly<Record<string, BiosValue>>;

/** One line about how the last changes were taken up: the key of a message and its arguments. */
export interface BiosMessage {
  readonly key: string;
  readonly about: readonly string[];
}

const SUCCESS: BiosMessage = { key: 'Success', about: [] };

/** Attributes with a list of values that cannot be told from their present one. Source: HPE BIOS attribute registries. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  BootMode: ['LegacyBios', 'Uefi'],
  BootOrderPolicy: ['AttemptOnce', 'RetryIndefinitely', 'ResetAfterFailed'],
  PowerRegulator: ['DynamicPowerSavings', 'StaticLowPower', 'StaticHighPerf', 'OsControl'],
  ThermalConfig: ['OptimalCooling', 'IncreasedCooling', 'MaxCooling', 'EnhancedCooling'],
  AutoPowerOn: ['AlwaysPowerOn', 'AlwaysPowerOff', 'RestoreLastState'],
};
const SWITCH = ['Enabled', 'Disabled'];

/** The settings of the machine's firmware: what holds, and what will after the next start. */
export class Bios {
  readonly defaults: BiosAttributes;
  #current: BiosAttributes;
  #changes: BiosAttributes = {};
  /** How the last changes went; the real iLO says so of its factory settings too. */
  messages: readonly BiosMessage[] = [SUCCESS];
  appliedAt: Date | undefined;
  /** Password that changes have to be made with; undefined: none. */
  adminPassword: string | undefined;

  readonly #takesAnyCase: boolean;

  /**
   * @param takesAnyCase whether the values of a list may be written in capitals or not, as iLO 4 lets them: the vendor's own client asks it for the
   * mode `uefi`. Source: proliantutils, ilo/ris.py (set_pending_boot_mode).
   */
  constructor(current: BiosAttributes, defaults: BiosAttributes, takesAnyCase: boolean) {
    this.#current = current;
    this.defaults = defaults;
    this.#takesAnyCase = takesAnyCase;
  }

  get current(): BiosAttributes {
    return this.#current;
  }

  /** What will hold after the next start. Changes that will not be taken up are shown as well, as the iLO shows them. */
  get pending(): BiosAttributes {
    return { ...this.#current, ...this.#changes };
  }

  get isChanging(): boolean {
    return Object.entries(this.#changes).some(([name, value]) => this.#current[name] !== value);
  }

  get mode(): 'bios' | 'uefi' {
    return this.#current['BootMode'] === 'LegacyBios' ? 'bios' : 'uefi';
  }

  get pendingMode(): 'bios' | 'uefi' {
    return this.pending['BootMode'] === 'LegacyBios' ? 'bios' : 'uefi';
  }

  /** What an attribute can be; undefined for those that take any text or number. */
  valuesOf(name: string): readonly string[] | undefined {
    return valuesOf(this.#current, name);
  }

  /** Notes changes for the next start. */
  change(changes: BiosAttributes): void {
    this.#changes = { ...this.#changes, ...(this.#takesAnyCase ? this.#properlyWritten(changes) : changes) };
  }

  #properlyWritten(changes: BiosAttributes): BiosAttributes {
    const written = ([name, value]: readonly [string, BiosValue]): readonly [string, BiosValue] => {
      const own = valuesOf(this.#current, name)?.find((each) => each.toLowerCase() === String(value).toLowerCase());
      return [name, own ?? value];
    };
    return Object.fromEntries(Object.entries(changes).map(written));
  }

  /** Notes one switch of the boot mode. */
  changeMode(mode: 'bios' | 'uefi', supported: ReadonlySet<'bios' | 'uefi'>): Outcome {
    if (!supported.has(mode)) return refuse('value not allowed', mode === 'bios' ? 'LEGACY' : 'UEFI', 'BootMode');
    this.change({ BootMode: mode === 'bios' ? 'LegacyBios' : 'Uefi' });
    return undefined;
  }

  /** Takes up what was noted, and tells of what it cannot. */
  apply(now: Date): void {
    const entries = Object.entries(this.#changes);
    if (entries.length === 0) return;
    const problems = entries.flatMap(([name, value]) => problemWith(this.#current, name, value));
    const refused = new Set(problems.map(({ name }) => name));
    this.#current = { ...this.#current, ...Object.fromEntries(entries.filter(([name]) => !refused.has(name))) };
    this.messages = [...problems.map(({ message }) => message), SUCCESS];
    this.appliedAt = now;
    this.#changes = {};
  }

  /** What the machine itself writes, such as the state of secure boot. */
  note(name: string, value: BiosValue): void {
    if (name in this.#current) this.#current = { ...this.#current, [name]: value };
  }
}

/** What an attribute can be; undefined for those that take any text or number. */
function valuesOf(current: BiosAttributes, name: string): readonly string[] | undefined {
  const present = current[name];
  return VALUES[name] ?? (typeof present === 'string' && SWITCH.includes(present) ? SWITCH : undefined);
}

function problemWith(current: BiosAttributes, name: string, value: BiosValue): readonly { readonly name: string; readonly message: BiosMessage }[] {
  const present = current[name];
  if (present === undefined) return [{ name, message: { key: 'PropertyUnknown', about: [name] } }];
  const values = valuesOf(current, name);
  if (values !== undefined && !values.includes(String(value))) return [{ name, message: { key: 'PropertyValueNotInList', about: [String(value), name] } }];
  if (present !== null && value !== null && typeof present !== typeof value) {
    return [{ name, message: { key: 'PropertyValueTypeError', about: [String(value), name] } }];
  }
  return [];
}
