import type { Fault, JsonObject, Secret } from '@ferric/core';
import type { Controller } from '../controller.js';
import type { Style } from './messages.js';
import type { Resource, RestAnswer, RestContext } from './resource.js';

/** One REST interface of an iLO: its resources and its manners. */
export interface RestService {
  /** `/redfish/v1` or `/rest/v1`. */
  readonly root: string;
  readonly style: Style;
  readonly resources: readonly Resource[];
  /** Whether paths have to end with a slash; what has none is redirected. */
  readonly needsSlash: boolean;
  /** `https://host:port`. */
  readonly origin: string;
  /** Path of the collection of sessions, which takes new ones from everybody. */
  readonly sessionsPath: string;
  /** The password of nobody, who is not logged in. */
  readonly nobody: Secret;
  /** Whether a POST to this path may have no body. */
  takesEmptyBody(path: string): boolean;
  href(path: string): string;
  logIn(controller: Controller, body: JsonObject | 'not json', context: RestContext, fault: Fault | undefined): Promise<RestAnswer>;
  /** A resource in the style of the service. */
  present(context: RestContext, path: string, body: JsonObject): JsonObject;
  /** Takes the properties of the old style away. */
  strict(body: JsonObject): JsonObject;
}
