import { Secret } from '@ferric/core';
import { type Outcome, refuse } from '../outcome.js';

/** What a user may do. The last three came with iLO 5. Source: HPE iLO RESTful API, ManagerAccount. */
export const PRIVILEGES = [
  'LoginPriv', 'RemoteConsolePriv', 'UserConfigPriv', 'VirtualMediaPriv', 'VirtualPowerAndResetPriv', 'iLOConfigPriv', 'HostBIOSConfigPriv', 'HostNICConfigPriv',
  'HostStorageConfigPriv',
] as const;
export type Privilege = (typeof PRIVILEGES)[number];

export interface Account {
  readonly id: string;
  readonly login: string;
  name: string;
  password: Secret;
  privileges: ReadonlySet<Privilege>;
}

export interface AccountOptions {
  readonly username: string;
  readonly password: Secret | string;
  /** Default all. */
  readonly privileges?: readonly Privilege[];
}

const LONGEST_PASSWORD = 39;
/** Source: HPE iLO user guide, "Managing local user accounts". */
const MOST_ACCOUNTS = 12;

/** The users of the iLO. */
export class Accounts {
  minimumPasswordLength = 8;
  enforcesComplexity = false;
  failureLoggingThreshold = 3;
  #accounts: readonly Account[];

  constructor(accounts: readonly AccountOptions[]) {
    this.#accounts = accounts.map(({ username, password, privileges = PRIVILEGES }, index) => ({
      id: String(index + 1),
      login: username,
      name: username,
      password: Secret.from(password),
      privileges: new Set(privileges),
    }));
  }

  get all(): readonly Account[] {
    return this.#accounts;
  }

  withLogin(login: string): Account | undefined {
    return this.#accounts.find((account) => account.login === login);
  }

  withId(id: string): Account | undefined {
    return this.#accounts.find((account) => account.id === id);
  }

  /** Who this is; undefined when the name or the password is wrong. */
  identify(login: string, password: string): Account | undefined {
    const account = this.withLogin(login);
    return account?.password.reveal() === password && account.privileges.has('LoginPriv') ? account : undefined;
  }

  /** Lets one more in. */
  add(account: Pick<Account, 'login' | 'name' | 'privileges'> & { readonly password: string }): Outcome {
    const problem = this.#problemWith(account.password);
    if (problem !== undefined) return problem;
    if (this.withLogin(account.login) !== undefined) return refuse('already there', account.login);
    if (this.#accounts.length >= MOST_ACCOUNTS) return refuse('too many');
    const id = String(1 + Math.max(0, ...this.#accounts.map((each) => Number(each.id))));
    this.#accounts = [...this.#accounts, { ...account, id, password: new Secret(account.password) }];
    return undefined;
  }

  remove(account: Account): void {
    this.#accounts = this.#accounts.filter((each) => each !== account);
  }

  changePassword(account: Account, password: string): Outcome {
    const problem = this.#problemWith(password);
    if (problem === undefined) account.password = new Secret(password);
    return problem;
  }

  #problemWith(password: string): Outcome {
    const range = [String(this.minimumPasswordLength), String(LONGEST_PASSWORD)];
    if (password.length < this.minimumPasswordLength) return refuse('password too short', ...range);
    return password.length > LONGEST_PASSWORD ? refuse('password too long', ...range) : undefined;
  }
}
