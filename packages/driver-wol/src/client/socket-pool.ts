import type { UdpSocket, WakeNetwork } from './network.js';

/** The sockets of one wake: one for each address family and source. Disposing closes all, also those still opening. */
export interface SocketPool extends AsyncDisposable {
  /** Rejects with the operating system's error when the source cannot be bound. */
  socket(family: 4 | 6, source: string | undefined): Promise<UdpSocket>;
}

export function createSocketPool(network: WakeNetwork): SocketPool {
  const sockets = new Map<string, Promise<UdpSocket>>();
  return {
    socket(family, source) {
      const key = `${family} ${source ?? ''}`;
      const open = sockets.get(key) ?? network.openSocket(family, source);
      sockets.set(key, open);
      return open;
    },
    async [Symbol.asyncDispose]() {
      const opened = await Promise.allSettled(sockets.values());
      const sound = opened.filter((result) => result.status === 'fulfilled');
      await Promise.all(sound.map((result) => result.value[Symbol.asyncDispose]()));
    },
  };
}
