import { randomBytes } from 'node:crypto';
import { FerricError } from '@ferric/core';
import { digestMd5 } from './digest-md5.js';
import type { SaslMechanism } from './mechanism.js';
import { plain } from './plain.js';
import { scramSha1, scramSha256, scramSha512 } from './scram.js';

/** Every mechanism that is spoken here, strongest first. */
export const MECHANISMS: readonly SaslMechanism[] = [scramSha512, scramSha256, scramSha1, digestMd5, plain];

export interface MechanismWish {
  /** Whether something below protects the connection: TLS, SSH, a unix socket. */
  readonly secure: boolean;
  /** The one that the user named: `auth=sasl.DIGEST-MD5`. Compared with regard to case, as libvirt does. */
  readonly wanted?: string | undefined;
}

/** 24 random bytes in base64, which needs no padding for so many: nothing in it has to be escaped anywhere. */
export function createNonce(): string {
  return randomBytes(24).toString('base64');
}

/**
 * The strongest mechanism that the daemon offers and this connection allows: on one that nothing protects, those come first that protect it
 * themselves, and those that show the password are out.
 * @param offered names divided by commas or blanks, as the daemon lists them
 * @throws UNSUPPORTED when none is left, saying what was offered, what is accepted, and what to configure.
 */
export function chooseMechanism(offered: string, wish: MechanismWish): SaslMechanism {
  const names = offered.split(/[\s,]+/).filter((name) => name !== '');
  const allowed = MECHANISMS.filter((mechanism) => wish.secure || !mechanism.plaintext);
  const [best] = allowed
    .filter((mechanism) => names.includes(mechanism.name) && (wish.wanted === undefined || wish.wanted === mechanism.name))
    .toSorted((left, right) => preference(right, wish.secure) - preference(left, wish.secure));
  if (best === undefined) throw nothingFits(names, allowed, wish);
  return best;
}

/** Its own protection counts for more than all strength where there is no other. */
function preference(mechanism: SaslMechanism, secure: boolean): number {
  return mechanism.strength + (!secure && mechanism.protects ? 1000 : 0);
}

function nothingFits(offered: readonly string[], allowed: readonly SaslMechanism[], wish: MechanismWish): FerricError {
  const accepted = allowed.map((mechanism) => mechanism.name);
  const subject = wish.wanted === undefined ? 'No SASL mechanism fits' : `SASL mechanism ${shorten(wish.wanted)} cannot be used`;
  const offer = offered.length === 0 ? 'nothing' : shorten(offered.join(', '));
  return new FerricError('UNSUPPORTED', `${subject}: the daemon offers ${offer}; accepted here: ${accepted.join(', ')}`, {
    details: { offered: shorten(offered.join(' ')), accepted, ...(wish.wanted === undefined ? {} : { wanted: shorten(wish.wanted) }) },
    hint: adviceFor(offered, wish),
  });
}

const CONFIGURE = "mech_list in /etc/sasl2/libvirt.conf on the daemon's host";
const KERBEROS = 'GSSAPI needs Kerberos, which a client without native code cannot speak.';

/** What to do about it: the first of these that applies. */
function adviceFor(offered: readonly string[], wish: MechanismWish): string {
  const { wanted, secure } = wish;
  const named = MECHANISMS.find((mechanism) => mechanism.name === wanted?.toUpperCase());
  if (wanted !== undefined && named === undefined) return `Name one of ${MECHANISMS.map((mechanism) => mechanism.name).join(', ')}.`;
  if (named !== undefined && named.name !== wanted) return `Write it ${named.name}: capitals count.`;
  if (!secure && (named?.plaintext === true || offered.includes(plain.name))) {
    return `${plain.name} would show the password on this connection: use TLS (qemu+tls://) or SSH, or add digest-md5 to ${CONFIGURE}.`;
  }
  const remedy =
    secure || named?.protects === true
      ? `Add ${(named ?? scramSha256).name.toLowerCase()} to ${CONFIGURE}${named === undefined ? '' : ', or name no mechanism'}.`
      : `Over plain TCP a daemon lists only mechanisms that encrypt: add digest-md5 to ${CONFIGURE}, or use TLS (qemu+tls://) with scram-sha-256.`;
  return offered.some((name) => name.startsWith('GS')) ? `${KERBEROS} ${remedy}` : remedy;
}

/** Words of others in a message: not too many of them. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}
