import type { BiosSetting, CallOptions, JsonObject, JsonValue, Secret } from '@ferric/core';

/** What came of the last changes that the firmware took up. */
export interface IloSettingsResult {
  readonly outcome: 'success' | 'failure' | 'none';
  /** In the words of the controller, with the settings they are about. */
  readonly messages: readonly string[];
}

/** From Gen9 on. */
export interface IloBios {
  read(options?: CallOptions): Promise<readonly BiosSetting[]>;
  /** Values of the next boot. */
  pending(options?: CallOptions): Promise<Readonly<Record<string, JsonValue>>>;
  /**
   * Counts after the next reset of the server; then {@link result} tells. Writes only what differs from the pending values.
   * `biosPassword`: that of the BIOS administrator, which iLO 4 asks for where there is one; later ones do not take it.
   * @throws INVALID_OPTIONS naming every setting that is not there or has a value that is not accepted
   */
  apply(settings: Readonly<Record<string, JsonValue>>, options?: CallOptions & { readonly biosPassword?: Secret }): Promise<void>;
  /** All settings to the defaults of the vendor, with the next reset of the server. `biosPassword` as for {@link apply}. */
  factoryReset(options?: CallOptions & { readonly biosPassword?: Secret }): Promise<void>;
  result(options?: CallOptions): Promise<IloSettingsResult>;
}

export const ERASE_PATTERNS = { hdd: ['overwrite', 'crypto', 'zero'], ssd: ['block', 'crypto', 'zero'] } as const;
export interface IloErasePattern {
  readonly hdd?: (typeof ERASE_PATTERNS.hdd)[number];
  readonly ssd?: (typeof ERASE_PATTERNS.ssd)[number];
}

export interface IloEraseStatus {
  readonly state: 'idle' | 'erasing' | 'done' | 'failed';
  readonly drives: readonly { readonly location: string; readonly mediaType: string; readonly status: string }[];
}

/** Smart Array controllers of Gen10, configured by the controller with the next boot; elsewhere UNSUPPORTED. */
export interface IloRaid {
  /** Ironic's `{ logical_disks: [...] }`. */
  read(options?: CallOptions): Promise<JsonObject>;
  /**
   * Stages the arrays of Ironic's target configuration besides those that are there. `wait`: reset the server, then ask {@link result}.
   * `done`: all of them are there.
   */
  create(configuration: JsonObject, options?: CallOptions): Promise<'done' | 'wait'>;
  /** Stages the deletion of all arrays. `done`: there are none. */
  delete(options?: CallOptions): Promise<'done' | 'wait'>;
  /** What came of what was staged last. */
  result(options?: CallOptions): Promise<IloSettingsResult>;
  /** Stages the erasure of all disks of one kind that belong to no array. `done`: there is none. */
  erase(kind: 'hdd' | 'ssd', pattern: string, options?: CallOptions): Promise<'done' | 'wait'>;
  eraseStatus(kind: 'hdd' | 'ssd', options?: CallOptions): Promise<IloEraseStatus>;
}

/** Erases the whole machine with all settings and the controller itself; may take a day. From Gen10 on, where it is offered. */
export interface IloSecureErase {
  isOffered(options?: CallOptions): Promise<boolean>;
  /** Stages it; it begins with the next reset of the server. */
  start(options?: CallOptions): Promise<void>;
}
