import { invalidOptions } from '@ferric/core';
import { timingSafeEqual } from 'node:crypto';
import { parseChallenge, type DigestChallenge } from './digest-challenge.js';
import { DIGEST_MD5, parseDirectives, quote, singleValue, writeDirectives } from './digest-directives.js';
import { hashedBytes, isLatin1, NONCE_COUNT, responseValue, sessionSecret, type DigestSession } from './digest-hash.js';
import { createDigestLayer, RECEIVE_LIMIT } from './digest-layer.js';
import { chooseProtection, type DigestProtection } from './digest-quality.js';
import type { SaslContext, SaslCredentials, SaslExchange, SaslMechanism, SecurityLayer } from './mechanism.js';
import { checkCredentials, saslFault, serverNotProven } from './sasl-error.js';

/** The name of the service in `digest-uri`. Source: libvirt 9.0.0, src/rpc/virnetsaslcontext.c. */
const SERVICE = 'libvirt';

/** A response is shorter than this. Source: RFC 2831 §2.1.2. */
const RESPONSE_LIMIT = 4096;

/** What is agreed on once the challenge has been answered. */
interface Agreement {
  readonly secret: Buffer;
  readonly session: DigestSession;
  readonly protection: DigestProtection;
  readonly sendLimit: number;
}

/** Who logs in where: texts as the user knows them, the realm as the daemon spelled it (one byte a character). */
interface Account {
  readonly username: string;
  readonly realm: string | undefined;
}

/**
 * Which of the daemon's realms the account is in. `name@realm` chooses the one that it names; without such a choice it is the only one, the
 * one named like the host, or the first.
 */
function chooseAccount(username: string, realms: readonly string[], host: string): Account {
  const at = username.lastIndexOf('@');
  const named = at > 0 ? realms.find((realm) => sameRealm(realm, username.slice(at + 1))) : undefined;
  if (named !== undefined) return { username: username.slice(0, at), realm: named };
  return { username, realm: realms.find((realm) => sameRealm(realm, host)) ?? realms[0] };
}

function sameRealm(realm: string, text: string): boolean {
  const printed = [text, Buffer.from(text).toString('latin1')];
  return printed.some((candidate) => candidate.toLowerCase() === realm.toLowerCase());
}

/** @throws INVALID_OPTIONS when the daemon takes ISO 8859-1 only and has no character for what is needed. */
function checkCharacters(challenge: DigestChallenge, credentials: SaslCredentials): void {
  if (challenge.utf8) return;
  const values = { username: credentials.username, password: credentials.password.reveal() };
  const issues = Object.entries(values)
    .filter(([, value]) => !isLatin1(value))
    .map(([field]) => ({ field: `credentials.${field}`, problem: 'invalid' as const, expected: 'in ISO 8859-1, since this daemon takes no UTF-8' }));
  if (issues.length > 0) throw invalidOptions('SASL credentials', issues);
}

class DigestExchange implements SaslExchange {
  readonly #credentials: SaslCredentials;
  readonly #context: SaslContext;
  readonly #service: string;
  #agreement: Agreement | undefined;
  #proven = false;

  constructor(credentials: SaslCredentials, context: SaslContext, service: string) {
    this.#credentials = credentials;
    this.#context = context;
    this.#service = service;
  }

  start(): undefined {
    return undefined;
  }

  step(serverData: Uint8Array | undefined): Uint8Array {
    if (this.#agreement === undefined) return this.#respond(serverData);
    // A daemon may send its proof before it says that it is complete; an empty answer then asks it to say so (RFC 2222 §5.3).
    this.#prove(this.#agreement, serverData);
    return new Uint8Array();
  }

  complete(serverData: Uint8Array | undefined): SecurityLayer | undefined {
    const agreement = this.#agreement;
    if (agreement === undefined) throw serverNotProven(DIGEST_MD5, 'it says that all is done before it has asked for anything');
    if (!this.#proven) this.#prove(agreement, serverData);
    else if (serverData !== undefined && serverData.length > 0) throw saslFault(DIGEST_MD5, 'it goes on after its proof');
    const { secret, protection, sendLimit } = agreement;
    return protection.quality === 'auth' ? undefined : createDigestLayer({ secret, protection, sendLimit });
  }

  #respond(serverData: Uint8Array | undefined): Buffer {
    if (serverData === undefined) throw saslFault(DIGEST_MD5, 'there is no challenge');
    const challenge = parseChallenge(serverData);
    checkCharacters(challenge, this.#credentials);
    const protection = chooseProtection(challenge, this.#context.secure);
    const account = chooseAccount(this.#credentials.username, challenge.realms, this.#context.host);
    const uri = `${this.#service}/${Buffer.from(this.#context.host).toString('latin1')}`;
    const session: DigestSession = { nonce: challenge.nonce, cnonce: this.#context.nonce(), quality: protection.quality, uri };
    const secret = sessionSecret(
      {
        username: hashedBytes(account.username),
        realm: Buffer.from(account.realm ?? '', 'latin1'),
        password: hashedBytes(this.#credentials.password.reveal()),
      },
      session,
    );
    const response = writeResponse(account, session, challenge.utf8, protection, responseValue(secret, session, 'client'));
    if (response.length >= RESPONSE_LIMIT) {
      throw invalidOptions('SASL credentials', [
        { field: 'credentials.username', problem: 'invalid', expected: `so short that the whole response has less than ${RESPONSE_LIMIT} bytes` },
      ]);
    }
    this.#agreement = { secret, session, protection, sendLimit: Math.min(challenge.maximumBytes, RECEIVE_LIMIT) };
    return response;
  }

  /** Checks `rspauth`. @throws AUTH_FAILED when it is not there or wrong; PROTOCOL_FAULT when it cannot be read. */
  #prove(agreement: Agreement, serverData: Uint8Array | undefined): void {
    if (this.#proven) throw saslFault(DIGEST_MD5, 'it goes on after its proof');
    const proof = serverData === undefined ? undefined : singleValue(parseDirectives(serverData), 'rspauth');
    if (proof === undefined) throw serverNotProven(DIGEST_MD5, 'its rspauth is missing');
    const expected = Buffer.from(responseValue(agreement.secret, agreement.session, 'server'));
    const received = Buffer.from(proof, 'latin1');
    if (received.length !== expected.length || !timingSafeEqual(received, expected)) throw serverNotProven(DIGEST_MD5, 'its rspauth is wrong');
    this.#proven = true;
  }
}

function writeResponse(account: Account, session: DigestSession, utf8: boolean, protection: DigestProtection, response: string): Buffer {
  const directives: [name: string, value: string][] = [
    ['username', quote(utf8 ? Buffer.from(account.username).toString('latin1') : account.username)],
  ];
  if (account.realm !== undefined) directives.push(['realm', quote(account.realm)]);
  directives.push(
    ['nonce', quote(session.nonce)],
    ['cnonce', quote(session.cnonce)],
    ['nc', NONCE_COUNT],
    ['qop', protection.quality],
  );
  if (protection.cipher !== undefined) directives.push(['cipher', protection.cipher]);
  if (protection.quality !== 'auth') directives.push(['maxbuf', String(RECEIVE_LIMIT)]);
  directives.push(['digest-uri', quote(session.uri)], ['response', response]);
  if (utf8) directives.push(['charset', 'utf-8']);
  return writeDirectives(directives);
}

/**
 * One DIGEST-MD5 authentication. On a connection that nothing protects it ends with a layer that encrypts, or fails as UNSUPPORTED.
 * @param service the first part of `digest-uri`
 * @see RFC 2831
 */
export function createDigestExchange(credentials: SaslCredentials, context: SaslContext, service: string = SERVICE): SaslExchange {
  checkCredentials(credentials);
  return new DigestExchange(credentials, context, service);
}

/** The only mechanism besides Kerberos that a libvirt daemon offers on plain TCP. Historic since RFC 6331. */
export const digestMd5: SaslMechanism = {
  name: DIGEST_MD5,
  strength: 20,
  plaintext: false,
  protects: true,
  weak: true,
  begin: (credentials, context) => createDigestExchange(credentials, context),
};
