import { MASK } from '@ferric/core';
import type { MediumPlace } from './published-files.js';

/** Where media are served, below the address of the conductor. */
export const MEDIA_PATH = '/ferric/v1/media';

/** The path of a published file. Whoever knows it can load the file. */
export function mediumPath({ nodeUuid, key, name }: MediumPlace): string {
  return `${MEDIA_PATH}/${nodeUuid}/${key}/${name}`;
}

const KEY_IN_PATH = new RegExp(`(${MEDIA_PATH}/[0-9a-f-]{36}/)[0-9a-f]{32}`, 'gi');

/** A text in which no address of a medium can be used any more. */
export function maskMediaKeys(text: string): string {
  return text.includes(MEDIA_PATH) ? text.replace(KEY_IN_PATH, `$1${MASK}`) : text;
}
