import type { JsonObject } from '@ferric/core';
import type { VirtualDrive } from '../machine/media.js';
import { type Outcome, refuse } from '../outcome.js';
import { asText, type RestContext } from './resource.js';

const SCHEMES = ['http:', 'https:'];

/** Puts an image into an empty drive. It takes a licence. */
export function insertMedia({ machine, caller }: RestContext, drive: VirtualDrive | undefined, body: JsonObject): Outcome {
  if (drive === undefined) return refuse('not there', 'VirtualMedia');
  const image = asText(body['Image']);
  if (image === undefined) return refuse('missing property', 'Image');
  if (!SCHEMES.includes(URL.parse(image)?.protocol ?? '')) return refuse('value not allowed', image, 'Image');
  return caller.perform('insert media', () => {
    if (machine.licence.kind !== 'advanced') return refuse('no licence');
    return machine.media.insert(drive.kind, image, { overwrite: false, connect: true });
  });
}

export function ejectMedia({ machine, caller }: RestContext, drive: VirtualDrive | undefined): Outcome {
  if (drive === undefined) return refuse('not there', 'VirtualMedia');
  return caller.perform('eject media', () => machine.media.eject(drive.kind));
}
