import { toFerricError, type Clock, type Logger } from '@ferric/core';
import type { FastifyInstance } from 'fastify';
import { createHttpBasicAuthenticator } from './api/auth/authenticator.js';
import type { ApiDependencies } from './api/dependencies.js';
import { openCertificate } from './api/tls/certificate.js';
import { checkCompanions, checkExposure, exposureWarning, type ConductorConfig } from './config.js';

export type EntranceSettings = Pick<ConductorConfig, 'host' | 'port' | 'allowUnauthenticated' | 'auth' | 'htpasswd' | 'tlsCert' | 'tlsKey'>;

/** Where the API is reached, by whom, and what it says that it is. */
export interface Entrance extends AsyncDisposable {
  /** What the API needs of it. */
  readonly parts: Pick<ApiDependencies, 'authenticator' | 'certificate'>;
  /** What it says that it is, in PEM, with those between it and its authority; undefined when it speaks no TLS. */
  readonly certificateChain: string | undefined;
  /**
   * Lets the API listen; yields its address: `https://127.0.0.1:6385`.
   * @throws INTERNAL when it cannot.
   */
  listen(api: FastifyInstance): Promise<string>;
  /** Takes up a certificate that was renewed. To be called now and then. */
  renew(api: FastifyInstance): Promise<void>;
}

/**
 * Checks who may come in and reads the files for it.
 * @throws INVALID_OPTIONS naming the setting.
 */
export async function openEntrance(settings: EntranceSettings, tools: { readonly clock: Clock; readonly logger: Logger }): Promise<Entrance> {
  checkCompanions(settings);
  checkExposure(settings);
  const { host, port, htpasswd, tlsCert: cert, tlsKey: key } = settings;
  const warning = exposureWarning(settings);
  if (warning !== undefined) tools.logger.warn({ host }, warning);
  const certificate = cert === undefined || key === undefined ? undefined : await openCertificate({ cert, key }, tools);
  const authenticator = htpasswd === undefined ? undefined : await createHttpBasicAuthenticator({ htpasswd, ...tools });
  return {
    parts: {
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(certificate === undefined ? {} : { certificate: certificate.current }),
    },
    get certificateChain() {
      return certificate?.current.chain;
    },
    async listen(api) {
      // Of two listeners for one name only the first would get a renewed certificate.
      const listenHost = certificate !== undefined && host === 'localhost' ? '127.0.0.1' : host;
      try {
        await api.listen({ host: listenHost, port });
      } catch (error) {
        throw toFerricError(error, `Cannot listen on ${host}:${port}`);
      }
      const address = api.server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      return `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${taken}`;
    },
    async renew(api) {
      await certificate?.renew(api);
    },
    async [Symbol.asyncDispose]() {
      await authenticator?.[Symbol.asyncDispose]();
    },
  };
}
