import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@ferric/core';
import { inlineResource, type Resource } from '../../src/index.js';

/** A recorded resource. @param variant of files that hold several under names */
export function fixture(name: string, variant?: string): JsonObject {
  const content = JSON.parse(readFileSync(fileURLToPath(new URL(`../fixtures/${name}.json`, import.meta.url)), 'utf8')) as JsonObject;
  return variant === undefined ? content : (content[variant] as JsonObject);
}

/** The same, at the path that it names itself. */
export function recorded(name: string, variant?: string): Resource {
  const body = fixture(name, variant);
  const links = body['links'] as { readonly self?: { readonly href?: string } } | undefined;
  return inlineResource((body['@odata.id'] as string | undefined) ?? links?.self?.href ?? '/unknown', body);
}
