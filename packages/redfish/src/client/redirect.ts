import { FerricError, maskText } from '@ferric/core';
import { pathOf } from '../resource/paths.js';
import type { HttpReply } from './http-link.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 307, 308]);
/** Longer chains are loops. */
export const REDIRECT_LIMIT = 5;

/**
 * The path that an answer sends the request to, with method and body kept; undefined when it is no redirect.
 * @throws PROTOCOL_FAULT for a redirect to another origin: credentials never leave the controller that they are for
 */
export function redirectPath(reply: Pick<HttpReply, 'status' | 'headers'>, origin: string, from: string): string | undefined {
  if (!REDIRECTS.has(reply.status)) return undefined;
  const location = reply.headers['location'];
  const target = location === undefined ? null : URL.parse(location, `${origin}${from}`);
  if (location === undefined || target === null) throw fault(from, location, 'to nowhere');
  if (target.origin !== origin) throw fault(from, location, `to ${target.origin}`);
  // Encoded as an URL already.
  return pathOf(`${target.pathname}${target.search}`) ?? '/';
}

export function tooManyRedirects(from: string): FerricError {
  return fault(from, undefined, `more than ${REDIRECT_LIMIT} times`);
}

function fault(from: string, location: string | undefined, where: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The controller redirects ${from} ${where}`, {
    details: { path: from, ...(location === undefined ? {} : { location: maskText(location) }) },
    hint: 'Only redirects within the controller itself are followed: check address, port and whether it wants https.',
  });
}
