import type { JsonObject } from '@ferric/core';

/** A resource as the controller gave it. */
export interface Resource {
  /** Where it was found in the end, redirects included. */
  readonly path: string;
  readonly body: JsonObject;
  /** By which a change can say what it is based on; undefined when the controller gave none. */
  readonly etag: string | undefined;
  /** Methods that the controller takes here, in capitals; undefined when it did not say. */
  readonly allow: ReadonlySet<string> | undefined;
}

/** How the controller links its resources: Redfish, or its ancestor RIS of HP iLO 4 below `/rest/v1`. */
export type RedfishStyle = 'redfish' | 'ris';

/** A resource that stood inside another, such as a member of a list: without ETag and allowed methods. */
export function inlineResource(path: string, body: JsonObject): Resource {
  return { path, body, etag: undefined, allow: undefined };
}
