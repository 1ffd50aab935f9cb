import type { DigestChallenge } from './digest-challenge.js';
import { DIGEST_MD5 } from './digest-directives.js';
import { saslUnsupported } from './sasl-error.js';

export type DigestQuality = 'auth' | 'auth-int' | 'auth-conf';
export type DigestCipher = 'rc4' | 'rc4-56' | 'rc4-40';

/** How a connection is protected after authentication. */
export type DigestProtection =
  | { readonly quality: 'auth' | 'auth-int'; readonly cipher?: never }
  | { readonly quality: 'auth-conf'; readonly cipher: DigestCipher };

/** Strongest first. `des` and `3des` are not spoken: Cyrus SASL, behind every libvirt daemon, offers RC4 beside them. */
const CIPHERS: readonly DigestCipher[] = ['rc4', 'rc4-56', 'rc4-40'];

const HINT =
  'Use TLS (qemu+tls://) or SSH instead, or let the daemon offer encryption over TCP: tcp_min_ssf in libvirtd.conf and the RC4 cipher in Cyrus SASL.';

/**
 * What to ask the daemon for. On a protected connection nothing, where that is offered; on any other one encryption with the strongest cipher,
 * and never less, since whoever sits on the way could have taken it out of the offer.
 * @throws UNSUPPORTED when the daemon offers nothing that will do.
 */
export function chooseProtection(challenge: DigestChallenge, secure: boolean): DigestProtection {
  if (secure && challenge.qualities.has('auth')) return { quality: 'auth' };
  if (secure && challenge.qualities.has('auth-int')) return { quality: 'auth-int' };
  if (!challenge.qualities.has('auth-conf')) {
    const offer = `it offers ${list(challenge.qualities)} and no encryption`;
    throw saslUnsupported(DIGEST_MD5, secure ? offer : `${offer}, and the connection has none of its own`, HINT);
  }
  const cipher = CIPHERS.find((candidate) => challenge.ciphers.has(candidate));
  if (cipher === undefined) {
    throw saslUnsupported(DIGEST_MD5, `it encrypts with ${list(challenge.ciphers)}, and only ${CIPHERS.join(', ')} are spoken here`, HINT);
  }
  return { quality: 'auth-conf', cipher };
}

/** Words of the daemon for a message: few and short. */
function list(words: ReadonlySet<string>): string {
  return words.size === 0 ? 'nothing' : [...words].slice(0, 8).map((word) => word.slice(0, 32)).join(', ');
}
