import { type CallOptions, FerricError } from '@ferric/core';
import type { RedfishClient, RedfishReply } from '../client/client-types.js';
import { isObject, reader, valueOf } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';

export type IdentifyLight = 'off' | 'on' | 'blinking';

/** Source: schema ComputerSystem, IndicatorLED. */
const WORDS: Readonly<Record<string, IdentifyLight>> = { Off: 'off', Lit: 'on', Blinking: 'blinking' };

/** The light by which somebody finds the system, of a system or a chassis; undefined when it has none or does not tell. */
export function decodeIdentifyLight({ body, path }: Resource): IdentifyLight | undefined {
  const fields = reader(body, path);
  const active = fields.boolean('LocationIndicatorActive');
  if (active !== undefined) return active ? 'on' : 'off';
  const word = fields.text('IndicatorLED') ?? '';
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** @throws UNSUPPORTED when there is no such light, or it can only be on and off */
export async function setIdentifyLight(client: RedfishClient, resource: Resource, light: IdentifyLight, options?: CallOptions): Promise<RedfishReply> {
  const newer = valueOf(resource.body, 'LocationIndicatorActive');
  if (typeof newer === 'boolean' && light !== 'blinking') return client.change(resource, { LocationIndicatorActive: light === 'on' }, options);
  const word = Object.keys(WORDS).find((key) => WORDS[key] === light);
  const known = valueOf(resource.body, 'IndicatorLED');
  if (word === undefined || known === undefined || isObject(known)) {
    throw new FerricError('UNSUPPORTED', `${resource.path} has no light that can be ${light}`, { details: { resource: resource.path, received: light } });
  }
  return client.change(resource, { IndicatorLED: word }, options);
}
