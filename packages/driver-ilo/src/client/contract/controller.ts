import type { CallOptions, JsonValue, Secret } from '@ferric/core';

export interface IloLicence {
  /** `iLO Advanced`; null when the controller does not tell. */
  read(options?: CallOptions): Promise<{ readonly name: string | null }>;
  /** @throws REFUSED for a key that is not valid; no error shows it */
  activate(key: Secret, options?: CallOptions): Promise<void>;
}

export interface IloAccounts {
  /**
   * Changes the password of the user that this client logs in as, and goes on with the new one: with all back ends, in a new session.
   * When the answer gets lost the new one is tried, then the former one: the call succeeds, or it fails as the change did and the former one still counts.
   * `details.undecided` is true in the error when neither could be found out; keep both then.
   * @throws REFUSED for one that is too short; no error shows either password
   */
  changePassword(password: Secret, options?: CallOptions): Promise<void>;
}

export interface IloController {
  /**
   * Restarts the controller and waits until it answers again. Virtual media are ejected, sessions end, the server runs on.
   * Default of `timeoutMs`: five minutes.
   */
  reset(options?: CallOptions): Promise<void>;
  /** Waits until the controller answers a login, as after a reset by somebody else. Default of `timeoutMs`: five minutes. */
  waitUntilBack(options?: CallOptions): Promise<void>;
}

export interface IloSecurityReport {
  /** `OK`, `Risk`, `Ignored`, ... */
  readonly overallStatus: string | null;
  readonly parameters: readonly { readonly name: string; readonly status: string; readonly state: string | null; readonly ignored: boolean }[];
  /** What the security policies are set to, by Ironic's names; left out where the controller does not tell. */
  readonly settings: Readonly<Record<string, JsonValue>>;
}

/** The security dashboard, from iLO 5 on. */
export interface IloSecurity {
  read(options?: CallOptions): Promise<IloSecurityReport>;
  /** Counts a parameter of the dashboard among the risks, or not. @throws NOT_FOUND for one that is not there */
  setIgnored(parameter: string, ignored: boolean, options?: CallOptions): Promise<void>;
  /** The least length of a password, 0 to 39. */
  setMinimumPasswordLength(length: number, options?: CallOptions): Promise<void>;
  /** After how many failed logins one is logged: 0 (never), 1, 2, 3 or 5. */
  setLoginFailureThreshold(failures: number, options?: CallOptions): Promise<void>;
}
