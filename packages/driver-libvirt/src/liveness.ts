import type { Duplex } from 'node:stream';
import type { OpenTransport } from './client/transport/transport.js';

/** Decides whether the connections of one client keep the process alive. */
export interface Liveness {
  /** Opens transports as the one that was given does. */
  readonly openTransport: OpenTransport;
  /** True while somebody uses the client; a connection that is only kept for later must not hold up the end of the process. */
  use(inUse: boolean): void;
}

/** A stream with a handle of the system, which plain sockets have and the channels inside an SSH connection do not. */
type Handle = Duplex & { ref(): unknown; unref(): unknown };

/** @param open makes the transports; those that are no sockets keep the process alive until they are closed */
export function createLiveness(open: OpenTransport): Liveness {
  const handles = new Set<Handle>();
  let used = true;
  const apply = (handle: Handle): void => void (used ? handle.ref() : handle.unref());
  return {
    async openTransport(uri, context) {
      const opened = await open(uri, context);
      const { stream } = opened;
      if (isHandle(stream)) {
        handles.add(stream);
        stream.once('close', () => handles.delete(stream));
        apply(stream);
      }
      return opened;
    },
    use(inUse) {
      used = inUse;
      for (const handle of handles) apply(handle);
    },
  };
}

function isHandle(stream: Duplex): stream is Handle {
  return 'ref' in stream && 'unref' in stream;
}
