import type { Call } from '../daemon/procedure.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';

/** Refuses a call that would open one stream too many. @throws RemoteError 9 */
export function requireRoomForStream({ session }: Call): void {
  if (!session.link.hasRoomForStream()) throw new RemoteError(ERROR.operationFailed, ERROR_DOMAIN.streams, 'this client has too many streams open');
}
