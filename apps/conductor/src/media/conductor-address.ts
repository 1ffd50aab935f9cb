import { abortable, FerricError, revealSealed, type NodeView } from '@ferric/core';

export interface AddressSettings {
  /** Base of the addresses that machines get. */
  readonly publicEndpoint?: string | undefined;
  /** Base of the addresses that controllers get. */
  readonly mediaEndpoint?: string | undefined;
  /** Where the conductor listens, as soon as it does: `http://127.0.0.1:6385`. */
  readonly listening: Promise<string>;
}

/** Under which addresses others find the conductor. */
export interface ConductorAddress {
  /**
   * For a machine: the configured one, or where the conductor listens. Not the one it used last, which anybody in its network may have told us: the token
   * of its agent goes there. Waits until it listens. Throws CONFLICT when none can be used by others.
   */
  forMachine(node: NodeView, signal?: AbortSignal): Promise<string>;
  /** For a machine's controller: that of its node, the configured ones, or where the conductor listens. Waits until it listens. Throws as `forMachine`. */
  forController(node: NodeView, signal?: AbortSignal): Promise<string>;
}

export function createConductorAddress({ publicEndpoint, mediaEndpoint, listening }: AddressSettings): ConductorAddress {
  listening.catch(() => undefined);
  const listens = async (node: NodeView, setting: string, signal?: AbortSignal): Promise<string> => {
    const url = await abortable(signal, listening);
    if (!isWildcard(url)) return url;
    throw new FerricError('CONFLICT', `It is not known under which address node ${node.uuid} reaches the conductor`, {
      details: { node: node.uuid },
      hint: `Set ${setting}: the conductor listens on every address of its machine, and cannot tell which is the right one.`,
    });
  };
  return {
    async forMachine(node, signal) {
      return trimmed(publicEndpoint ?? (await listens(node, '--public-endpoint', signal)));
    },
    async forController(node, signal) {
      const own: unknown = revealSealed(node.driverInfo['external_http_url'] ?? null);
      const named = typeof own === 'string' && own !== '' ? own : (mediaEndpoint ?? publicEndpoint);
      // Whatever its address is, nothing can be loaded before the conductor listens.
      await abortable(signal, listening);
      return trimmed(named ?? (await listens(node, '--media-endpoint, or driver_info external_http_url', signal)));
    },
  };
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}

function isWildcard(url: string): boolean {
  return ['0.0.0.0', '[::]'].includes(new URL(url).hostname);
}
