import { FerricError } from '@ferric/core';
import { isIP } from 'node:net';
import { checkServerIdentity, connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { LibvirtUri } from '../uri.js';
import { orRelease } from './connect.js';
import { connectHost } from './tcp.js';
import { certificateRefused, handshakeFailure, noAuthority, type TlsFacts } from './tls-errors.js';
import { findTlsFiles, type TlsFiles } from './tls-files.js';
import type { OpenTransport } from './transport.js';

const HINT = 'Check host and port, and that the daemon listens for TLS there: systemctl start libvirtd-tls.socket (or virtproxyd-tls.socket).';

const NOT_CHECKED = 'The certificate of the libvirt daemon is not checked, since the URI says no_verify: anybody on the way could take its place';

/** What the daemon sends, inside TLS, once it has taken our certificate. Source: libvirt 9.0.0, src/rpc/virnetserverclient.c. */
const WELCOME = 1;

/**
 * TLS 1.2 or newer, with certificates of both sides as libvirt keeps them. Resolves when the daemon has taken ours.
 * @throws TLS_UNTRUSTED, AUTH_FAILED, INVALID_OPTIONS, UNREACHABLE, UNSUPPORTED, PROTOCOL_FAULT, the abort reason.
 */
export const openTls: OpenTransport = async (uri, context) => {
  const { signal, logger, clock } = context;
  const { address, host = 'localhost' } = uri;
  const files = await findTlsFiles(uri, context);
  const facts: TlsFacts = { address, host, files, now: clock.now() };
  if (uri.parameters.noVerify) logger.warn({ address }, NOT_CHECKED);
  else if (files.authority === undefined) throw noAuthority(facts);
  const options = settings(uri, files);
  const raw = await connectHost(uri, context, HINT);
  const socket = connect({ ...options, socket: raw });
  const release = (): void => {
    socket.destroy();
    raw.destroy();
  };
  // It never fails unheard: its last error can be read from `errored`.
  socket.on('error', () => undefined);
  await orRelease(signal, handshake(socket, facts), release);
  const first = await orRelease(signal, firstByte(socket, facts), release);
  if (first !== WELCOME) {
    release();
    throw first === undefined ? certificateRefused(facts) : wrongWelcome(first, facts);
  }
  // What stands behind a message in the same record is left in the daemon's TLS library until something else arrives: calls that were sent
  // together would wait for the next ping. libvirt 9.0.0, src/rpc/virnetsocket.c, virNetSocketHasCachedData, looks at SASL only.
  return { stream: socket, peer: `tls ${address}`, secure: true, oneMessagePerWrite: true };
};

function settings({ host = 'localhost', parameters }: LibvirtUri, { authority, revoked, identity }: TlsFiles): ConnectionOptions {
  const [name = host] = host.split('%');
  return {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: !parameters.noVerify,
    // Addresses have no place in the server name, RFC 6066 §3.
    servername: isIP(name) === 0 ? name : '',
    checkServerIdentity: (_servername, certificate) => checkServerIdentity(name, certificate),
    ...(authority === undefined ? {} : { ca: authority.bytes }),
    ...(revoked === undefined ? {} : { crl: revoked.bytes }),
    ...(identity === undefined ? {} : { cert: identity.certificate.bytes, key: identity.key.bytes }),
  };
}

async function handshake(socket: TLSSocket, facts: TlsFacts): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', (error: Error) => reject(handshakeFailure(error, facts)));
    socket.once('close', () => reject(handshakeFailure(new Error('the other side closed it'), facts)));
  });
}

/** The first byte; what may stand behind it stays in the stream. Undefined when it ends before. */
async function firstByte(socket: TLSSocket, facts: TlsFacts): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const onReadable = (): void => {
    const bytes = socket.read(1) as Buffer | null;
    if (bytes !== null) resolve(bytes[0]);
  };
  const onEnd = (): void => resolve(undefined);
  const onError = (error: Error): void => reject(handshakeFailure(error, facts));
  socket.on('readable', onReadable).once('end', onEnd).once('close', onEnd).once('error', onError);
  try {
    return await promise;
  } finally {
    socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', onError);
  }
}

function wrongWelcome(byte: number, { address }: TlsFacts): FerricError {
  return new FerricError('PROTOCOL_FAULT', `What answers at ${address} is not a libvirt daemon: its first byte is ${byte.toString(16).padStart(2, '0')}h, not 01h`, {
    details: { address, byte },
    hint: 'Check the port: libvirt speaks TLS on 16514.',
  });
}
