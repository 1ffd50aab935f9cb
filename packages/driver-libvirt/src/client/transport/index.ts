import { throwIfAborted } from '@ferric/core';
import type { LibvirtTransport } from '../uri.js';
import { openSsh } from './ssh.js';
import { openTcp } from './tcp.js';
import { openTls } from './tls.js';
import type { OpenTransport } from './transport.js';
import { openUnix } from './unix.js';

export type { OpenedTransport, OpenTransport, SshSettings, TransportContext } from './transport.js';

const OPENERS: Readonly<Record<LibvirtTransport, OpenTransport>> = { unix: openUnix, tcp: openTcp, tls: openTls, ssh: openSsh };

/**
 * Opens the transport of a URI.
 * @throws UNREACHABLE, TLS_UNTRUSTED (certificate or SSH host key), AUTH_FAILED, INVALID_OPTIONS (a file that cannot be used), UNSUPPORTED,
 * PROTOCOL_FAULT, and the abort reason; nothing is left open then.
 */
export const openTransport: OpenTransport = async (uri, context) => {
  throwIfAborted(context.signal);
  const { ignored } = uri.parameters;
  if (ignored.length > 0) {
    context.logger.warn({ address: uri.address, parameters: ignored }, `These parameters of the libvirt URI have no effect here: ${ignored.join(', ')}`);
  }
  return OPENERS[uri.transport](uri, context);
};
