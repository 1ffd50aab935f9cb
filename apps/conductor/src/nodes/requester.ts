import type { Requester } from './node-service.js';

/** How the timeline names who asked: the request id, with the user when there is one. */
export function actorOf(requester: Requester): string {
  return requester.user === null ? requester.requestId : `${requester.user} (${requester.requestId})`;
}
