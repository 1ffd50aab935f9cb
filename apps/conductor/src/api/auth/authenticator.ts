import { createHmac, randomBytes } from 'node:crypto';
import { FerricError, type Clock, type Logger, type Secret } from '@ferric/core';
import { faults } from '../../fault.js';
import { trackFiles, type TrackedFiles } from '../../tracked-files.js';
import { readBasicCredentials } from './basic-credentials.js';
import { parseHtpasswd, type Users } from './htpasswd.js';
import { createPasswordChecker, type PasswordChecker } from './password-checker.js';
import { createVerifiedCredentials } from './verified-credentials.js';

/** A request as far as it matters for who sent it. */
export interface Visitor {
  /** Its header Authorization, if it has one. */
  readonly authorization: Secret | undefined;
  readonly address: string;
  readonly requestId: string;
}

/** Finds out who sends a request. */
export interface Authenticator extends AsyncDisposable {
  /**
   * The name of the user.
   * @throws RequestFault 401 without or with wrong credentials, 400 when they cannot be read; BUSY when too many are being checked.
   */
  authenticate(visitor: Visitor): Promise<string>;
}

export interface HttpBasicSettings {
  /** Path of Apache's user file. */
  readonly htpasswd: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: bcrypt in a thread of its own. It is closed with the authenticator. */
  readonly checker?: PasswordChecker;
}

/** How old what is known of the user file may get. Milliseconds. */
const FRESH_MS = 2000;

/** Checks that one address may have in the queue, so that nobody can fill it for all. */
const MOST_PER_ADDRESS = 16;

/**
 * Authentication as with Ironic's `auth_strategy = http_basic`. Source: ironic_lib/auth_basic.py.
 * @throws INVALID_OPTIONS when the user file cannot be used.
 */
export async function createHttpBasicAuthenticator(settings: HttpBasicSettings): Promise<Authenticator> {
  const { clock, logger, htpasswd: path } = settings;
  const file = await trackFiles({ files: [{ option: '--htpasswd', path, isPrivate: true }], parse: ([text]) => parseHtpasswd(text as Secret, '--htpasswd'), logger });
  const users = freshUsers(file, clock);
  const checker = settings.checker ?? createPasswordChecker({ clock });
  const verified = createVerifiedCredentials({ clock });
  const compare = shared(perAddress((password, hash) => checker.matches(password, hash)));
  const decoyFor = createDecoys();

  return {
    async authenticate({ authorization, address, requestId }) {
      const known = await users();
      if (authorization === undefined) throw faults.unauthorized('Authorization required');
      const { user, password } = readBasicCredentials(authorization);
      const own = known.get(user);
      const hash = own ?? decoyFor(user, known);
      const name = verified.nameOf(user, password, hash);
      if (own !== undefined && verified.has(name)) return user;
      const isRight = await compare(name, address, password, hash);
      if (own === undefined || !isRight) {
        // A name that nobody has may be a password in the wrong field.
        logger.warn({ requestId, address, user: own === undefined ? null : user }, 'Refused: wrong user name or password');
        throw faults.unauthorized('Incorrect username or password');
      }
      verified.add(name);
      return user;
    },
    [Symbol.asyncDispose]: () => checker[Symbol.asyncDispose](),
  };
}

/** The users of the file as it is, looked at no more often than {@link FRESH_MS}. */
function freshUsers(file: TrackedFiles<Users>, clock: Clock): () => Promise<Users> {
  let lookedAt = clock.monotonicMs();
  return async () => {
    if (clock.monotonicMs() - lookedAt >= FRESH_MS) {
      await file.refresh();
      lookedAt = clock.monotonicMs();
    }
    return file.content;
  };
}

/**
 * A user who does not exist is checked against the hash of one who does, always the same: it takes the time that some user's check takes,
 * and nobody learns by waiting which names exist.
 */
function createDecoys(): (user: string, known: Users) => Secret {
  const key = randomBytes(32);
  return (user, known) => {
    const hashes = [...known.values()];
    const number = createHmac('sha256', key).update(user).digest().readUInt32BE(0);
    return hashes[number % hashes.length] as Secret;
  };
}

type Compare = (name: string, address: string, password: Secret, hash: Secret) => Promise<boolean>;

/** The same credentials are compared once when many requests bring them at the same time, as a client does that has just started. */
function shared(compare: Compare): Compare {
  const running = new Map<string, Promise<boolean>>();
  return (name, ...rest) => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const comparison = compare(name, ...rest).finally(() => running.delete(name));
    running.set(name, comparison);
    return comparison;
  };
}

function perAddress(matches: (password: Secret, hash: Secret) => Promise<boolean>): Compare {
  const counts = new Map<string, number>();
  return async (_name, address, password, hash) => {
    const count = counts.get(address) ?? 0;
    if (count >= MOST_PER_ADDRESS) throw new FerricError('BUSY', 'Too many passwords of this address are being checked at the moment; try again later');
    counts.set(address, count + 1);
    try {
      return await matches(password, hash);
    } finally {
      const left = (counts.get(address) ?? 1) - 1;
      if (left > 0) counts.set(address, left);
      else counts.delete(address);
    }
  };
}
