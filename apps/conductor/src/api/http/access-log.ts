import { isSecretKey, MASK, maskText, type Logger } from '@ferric/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { maskMediaKeys } from '../../media/media-address.js';

const READING: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** One line per request: changes, and requests without credentials, at level info; reads at level debug. */
export function logRequests(app: FastifyInstance, logger: Logger): void {
  app.addHook('onResponse', async (request, reply) => {
    const level = READING.has(request.method) && reply.statusCode !== 401 ? 'debug' : 'info';
    const fields = {
      requestId: request.id,
      method: request.method,
      path: loggedPath(request),
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime * 10) / 10,
      user: request.user,
      address: request.ip,
    };
    logger[level](fields, 'Request answered');
  });
}

/** Path and query, without what opens a medium. Values of a query stay out when they may be secret: by their name, by what they say, or where any name is accepted. */
function loggedPath(request: FastifyRequest): string {
  const [path = '', query] = maskMediaKeys(request.originalUrl).split('?', 2);
  if (query === undefined || query === '') return path;
  const open = request.routeOptions.config.endpoint?.openQuery === true;
  const shown = query.split('&').map((part) => {
    const end = part.indexOf('=');
    if (end < 0) return part;
    const name = part.slice(0, end);
    return open || isSecret(decode(name), decode(part.slice(end + 1))) ? `${name}=${MASK}` : part;
  });
  return `${path}?${shown.join('&')}`;
}

function isSecret(name: string, value: string): boolean {
  return isSecretKey(name) || maskText(value) !== value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
