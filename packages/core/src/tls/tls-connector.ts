import type { TLSSocket } from 'node:tls';
import { errorCode } from '../errors/ferric-error.js';
import type { CallOptions } from '../time/call-options.js';
import { throwIfAborted, withDeadline } from '../time/deadline.js';
import { createAuthorities } from './authorities.js';
import { parseFingerprints } from './fingerprint.js';
import { shakeHands, type Trust } from './handshake.js';
import { PROFILES_TO_TRY, type HandshakeProfile } from './profiles.js';
import { addressOf, checkPeer, checkTlsSettings, type TlsConnectorSettings, type TlsPeer, type TlsProfile } from './tls-settings.js';

/** Old controllers take seconds for a handshake. */
const DEFAULT_TIMEOUT_MS = 20_000;
/** Peers whose profile is remembered; the oldest are forgotten first, which costs one more try. */
const PEER_LIMIT = 10_000;

/** Makes verified TLS connections to controllers. */
export interface TlsConnector {
  /**
   * Connects, shakes hands and verifies the certificate before a single byte of the caller is sent. Default of `timeoutMs`: 20 000.
   * @throws TLS_UNTRUSTED with `fingerprint` (the one that was shown) and `reason` in its details, UNREACHABLE, TIMEOUT, UNSUPPORTED when only older
   *   TLS than allowed is spoken, PROTOCOL_FAULT for what is not TLS, INVALID_OPTIONS for authorities that cannot be read, the abort reason.
   *   `details.sent` is false where a caller would otherwise wonder whether its request got through.
   */
  connect(peer: TlsPeer, options?: CallOptions): Promise<TLSSocket>;
  /** The profile that last worked for this peer. */
  profileOf(peer: TlsPeer): Exclude<TlsProfile, 'auto'> | undefined;
}

/** One call of connect. */
interface Job {
  readonly signal: AbortSignal;
  readonly onSocket: (socket: TLSSocket) => void;
}

/** @throws INVALID_OPTIONS for settings that cannot be used; files are read with the first connection. */
export function createTlsConnector(settings: TlsConnectorSettings = {}): TlsConnector {
  checkTlsSettings(settings);
  const { profile = 'modern', verify = true, clock, onLegacy } = settings;
  const fingerprints = parseFingerprints(settings.fingerprint);
  const path = verify && fingerprints === undefined ? settings.authorities : undefined;
  const authorities = path === undefined ? undefined : { path, reader: createAuthorities(path) };
  const worked = new Map<string, HandshakeProfile>();

  const trust = async (signal: AbortSignal): Promise<Trust> => ({
    verify,
    fingerprints,
    authorities: authorities === undefined ? undefined : { path: authorities.path, certificates: await authorities.reader.read(signal) },
  });

  const remember = (address: string, found: HandshakeProfile): void => {
    worked.delete(address);
    worked.set(address, found);
    const [oldest] = worked.keys();
    if (worked.size > PEER_LIMIT && oldest !== undefined) worked.delete(oldest);
  };

  const toTry = (address: string): readonly HandshakeProfile[] => (worked.get(address) === 'legacy' ? ['legacy'] : PROFILES_TO_TRY[profile]);

  const attempt = async (peer: TlsPeer, profiles: readonly HandshakeProfile[], judgedBy: Trust, job: Job): Promise<TLSSocket> => {
    const [candidate = 'modern', ...others] = profiles;
    const address = addressOf(peer);
    throwIfAborted(job.signal);
    try {
      const socket = await shakeHands({ peer, profile: candidate, trust: judgedBy, onSocket: job.onSocket });
      const known = worked.get(address) === candidate;
      remember(address, candidate);
      if (candidate === 'legacy' && !known) onLegacy?.({ peer, protocol: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name });
      return socket;
    } catch (error) {
      if (errorCode(error) !== 'UNSUPPORTED') throw error;
      // What worked once works no more: the controller may have got new firmware.
      worked.delete(address);
      if (others.length === 0) throw error;
      return attempt(peer, others, judgedBy, job);
    }
  };

  return {
    async connect(peer, options) {
      checkPeer(peer);
      const address = addressOf(peer);
      let latest: TLSSocket | undefined;
      const onSocket = (socket: TLSSocket): void => {
        latest = socket;
      };
      try {
        const deadline = { what: `TLS connection to ${address}`, defaultTimeoutMs: DEFAULT_TIMEOUT_MS, details: { address, sent: false }, clock };
        return await withDeadline(options, deadline, async ({ signal }) => attempt(peer, toTry(address), await trust(signal), { signal, onSocket }));
      } catch (error) {
        // Also when the deadline passed in the moment in which the handshake was done.
        latest?.destroy();
        throw error;
      }
    },
    profileOf: (peer) => worked.get(addressOf(peer)),
  };
}
