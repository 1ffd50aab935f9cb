import { FerricError, type Logger } from '@ferric/core';
import { withDetails } from './rpc/connection-errors.js';
import type { OwnedRpcConnection } from './rpc/connection.js';
import { chooseMechanism, createNonce } from './sasl/index.js';
import type { SaslCredentials } from './sasl/mechanism.js';
import { negotiateSasl } from './sasl-negotiation.js';
import type { LibvirtUri } from './uri.js';
import { AUTHENTICATION_TYPES, authenticationProcedures } from './wire/procedures/authentication.js';

/** Mechanisms that a message names: as many as are in use anywhere, and no more than fit a line. */
const LONGEST_OFFER = 200;

export interface LoginContext {
  readonly uri: LibvirtUri;
  readonly credentials: SaslCredentials | undefined;
  /** Whether something below protects the connection. */
  readonly secure: boolean;
  readonly logger: Logger;
  readonly options: { readonly signal: AbortSignal; readonly timeoutMs: number };
}

type AuthenticationName = keyof typeof AUTHENTICATION_TYPES;

const WORDS: ReadonlyMap<number, string> = new Map(Object.entries(AUTHENTICATION_TYPES).map(([name, type]) => [type, name]));

/**
 * Shows the daemon who is there, as it wants it.
 * Source: libvirt 9.0.0, src/remote/remote_driver.c, remoteAuthenticate; src/remote/remote_daemon_dispatch.c, remoteDispatchAuthList.
 * @throws AUTH_FAILED, UNSUPPORTED, PROTOCOL_FAULT, and what calls throw.
 */
export async function login(connection: OwnedRpcConnection, context: LoginContext): Promise<void> {
  const types = await connection.call(authenticationProcedures.list, undefined, context.options);
  const way = chooseWay(types, context);
  warnOfOpenDoor(way, context);
  try {
    if (way === 'sasl') await loginWithSasl(connection, context);
    if (way === 'polkit') await loginWithPolkit(connection, context);
  } catch (error) {
    throw withDetails(error, { address: context.uri.address });
  }
}

/** Somebody on the way can take the question for a password out of an open connection, and its encryption with it. */
function warnOfOpenDoor(way: AuthenticationName, { uri, credentials, secure, logger }: LoginContext): void {
  if (way === 'sasl' || secure || credentials === undefined || uri.parameters.auth?.kind === 'none') return;
  const message = 'The daemon asks for no password on an open connection, though there is one; with auth=sasl in the URI this is refused';
  logger.warn({ address: uri.address }, message);
}

/** The way that the URI names; else SASL where there are credentials; else none, where none is asked for; else what there is. */
function chooseWay(types: readonly number[], { uri, credentials }: LoginContext): AuthenticationName {
  const offered = types.length === 0 ? ['none'] : types.map((type) => WORDS.get(type) ?? `type ${type}`);
  const wanted = uri.parameters.auth?.kind;
  const preferred: readonly AuthenticationName[] = credentials === undefined ? ['none', 'polkit', 'sasl'] : ['sasl', 'none', 'polkit'];
  const way = (wanted === undefined ? preferred : [wanted]).find((name) => offered.includes(name));
  if (way !== undefined) return way;
  const details = { address: uri.address, offered };
  if (wanted !== undefined) {
    throw new FerricError('AUTH_FAILED', `The daemon at ${uri.address} asks for ${offered.join(' or ')}, and the URI says auth=${wanted}`, {
      details,
      hint: 'Correct the parameter auth of the URI, or leave it out.',
    });
  }
  throw new FerricError('UNSUPPORTED', `The daemon at ${uri.address} asks for an authentication that is not known here: ${offered.join(', ')}`, {
    details,
    hint: 'Set auth_unix_rw, auth_tcp or auth_tls in libvirtd.conf to "none" or "sasl".',
  });
}

async function loginWithPolkit(connection: OwnedRpcConnection, { uri, options }: LoginContext): Promise<void> {
  const complete = await connection.call(authenticationProcedures.polkit, undefined, options);
  if (complete !== 0) return;
  throw new FerricError('AUTH_FAILED', `The daemon at ${uri.address} did not let this process in by polkit`, {
    details: { address: uri.address },
    hint: 'Allow org.libvirt.unix.manage to the user of this process, for example by adding it to the group libvirt.',
  });
}

async function loginWithSasl(connection: OwnedRpcConnection, context: LoginContext): Promise<void> {
  const { uri, credentials, secure, options, logger } = context;
  const offered = await connection.call(authenticationProcedures.saslInit, undefined, options);
  if (credentials === undefined) {
    const shown = offered.slice(0, LONGEST_OFFER);
    throw new FerricError('AUTH_FAILED', `The daemon at ${uri.address} asks for a SASL login and no credentials were given; it offers ${shown}`, {
      details: { address: uri.address, offered: shown },
      hint: 'Give sasl_username and sasl_password.',
    });
  }
  const mechanism = chooseMechanism(offered, { secure, wanted: uri.parameters.auth?.mechanism });
  if (mechanism.weak) {
    logger.warn({ address: uri.address, mechanism: mechanism.name }, `${mechanism.name} is out of date and easy to break; use TLS with SCRAM-SHA-256 instead`);
  }
  const exchange = mechanism.begin(credentials, { host: uri.host ?? 'localhost', secure, nonce: createNonce });
  await negotiateSasl(connection, { address: uri.address, mechanism: mechanism.name, exchange, options });
}
