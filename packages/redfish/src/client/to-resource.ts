import { valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import type { RedfishReply } from './client-types.js';

/** The resource in an answer, with what its headers say about it. */
export function toResource({ path, body, headers }: Pick<RedfishReply, 'path' | 'body' | 'headers'>): Resource {
  const inBody = valueOf(body, '@odata.etag');
  const etag = headers['etag'] ?? (typeof inBody === 'string' && inBody !== '' ? inBody : undefined);
  const allow = headers['allow'];
  return { path, body, etag, allow: allow === undefined ? undefined : new Set(allow.split(',').map((method) => method.trim().toUpperCase())) };
}
