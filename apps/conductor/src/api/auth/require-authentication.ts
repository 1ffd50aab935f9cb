import { Secret, SECRET_TEXT } from '@ferric/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator } from './authenticator.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anybody may ask, without credentials. Absent for what only users may: the default, also for unknown paths. */
    public?: true;
  }
  interface FastifyRequest {
    /** Name of the user who sent it; null when nobody had to say. */
    user: string | null;
  }
}

/**
 * Asks for credentials before anything else is done, except where the route is public. Without an authenticator everything is.
 * Either way nothing behind this sees the credentials.
 */
export function requireAuthentication(app: FastifyInstance, authenticator: Authenticator | undefined): void {
  app.decorateRequest('user', null);
  app.addHook('onRequest', async (request) => {
    const authorization = takeAuthorization(request);
    if (authenticator === undefined || request.routeOptions.config?.public === true) return;
    request.user = await authenticator.authenticate({ authorization, address: request.ip, requestId: request.id });
  });
}

/** The header Authorization, which is not in the request any more. */
function takeAuthorization({ raw: { headers, rawHeaders } }: FastifyRequest): Secret | undefined {
  const { authorization } = headers;
  if (authorization === undefined) return undefined;
  delete headers.authorization;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'authorization') rawHeaders[index + 1] = SECRET_TEXT;
  }
  return new Secret(authorization);
}
