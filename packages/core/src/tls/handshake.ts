import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { FerricError } from '../errors/ferric-error.js';
import { PROFILE_OPTIONS, type HandshakeProfile } from './profiles.js';
import { fingerprintDiffers, handshakeFailure, noCertificate, untrusted, type HandshakeFacts } from './tls-errors.js';
import { addressOf, bareHost, type TlsPeer } from './tls-settings.js';

/** How the certificate that is shown is judged. */
export interface Trust {
  readonly verify: boolean;
  /** In the form of {@link parseFingerprint}; any of them is taken. */
  readonly fingerprints: readonly string[] | undefined;
  readonly authorities: { readonly path: string; readonly certificates: readonly string[] } | undefined;
}

export interface HandshakeSettings {
  readonly peer: TlsPeer;
  readonly profile: HandshakeProfile;
  readonly trust: Trust;
  /** Told of the socket as soon as it exists: whoever gives up must destroy it. */
  readonly onSocket: (socket: TLSSocket) => void;
}

const KEEP_ALIVE_MS = 60_000;

/**
 * One connection with one profile. The caller gets the socket only after the certificate was judged, so that nothing of the caller's was sent before.
 * @throws TLS_UNTRUSTED, UNREACHABLE, PROTOCOL_FAULT; UNSUPPORTED exactly when another profile may help. The socket is destroyed then.
 */
export async function shakeHands({ peer, profile, trust, onSocket }: HandshakeSettings): Promise<TLSSocket> {
  const host = bareHost(peer);
  let connected = false;
  const facts = (): HandshakeFacts => ({ address: addressOf(peer), host, profile, authorities: trust.authorities?.path, connected });
  const socket = connect({
    ...PROFILE_OPTIONS[profile],
    host,
    port: peer.port,
    // Addresses have no place in the server name: RFC 6066, section 3.
    servername: isIP(host.split('%')[0] ?? host) === 0 ? host : '',
    // Judged below, where the fingerprint of the certificate can be told; so the environment cannot switch it off either.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    ...(trust.authorities === undefined ? {} : { ca: [...trust.authorities.certificates], allowPartialTrustChain: true }),
  });
  onSocket(socket);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  // It never fails unheard: its last error can be read from `errored`.
  socket.on('error', () => undefined);
  socket.once('connect', () => {
    connected = true;
  });
  try {
    await secured(socket);
  } catch (error) {
    socket.destroy();
    throw handshakeFailure(error as Error, facts());
  }
  const distrust = judge(socket, trust, facts());
  if (distrust === undefined) return socket;
  socket.destroy();
  throw distrust;
}

async function secured(socket: TLSSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the other side closed it')));
  });
}

/** Why the certificate is not trusted; undefined when it is. */
function judge(socket: TLSSocket, { verify, fingerprints }: Trust, facts: HandshakeFacts): FerricError | undefined {
  // Not getPeerX509Certificate, which takes the certificate out of the socket: nobody could look at it a second time.
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate>;
  const shown = certificate.fingerprint256;
  if (fingerprints !== undefined) {
    if (shown === undefined) return noCertificate(facts);
    return fingerprints.includes(shown) ? undefined : fingerprintDiffers(facts, fingerprints.join(', '), shown);
  }
  if (!verify) return undefined;
  if (shown === undefined) return noCertificate(facts);
  // Node.js declares an Error here and gives its code.
  if (!socket.authorized) return untrusted(facts, { code: String(socket.authorizationError), fingerprint: shown, reason: '' });
  const misnamed = checkServerIdentity(facts.host.split('%')[0] ?? facts.host, certificate as PeerCertificate);
  if (misnamed === undefined) return undefined;
  const { code = '', reason = misnamed.message } = misnamed as NodeJS.ErrnoException & { readonly reason?: string };
  return untrusted(facts, { code, fingerprint: shown, reason });
}
