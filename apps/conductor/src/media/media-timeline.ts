import type { Clock, Logger } from '@ferric/core';
import { createSeldom } from '../boot/seldom.js';
import type { NewNodeEvent } from '../events/node-event.js';
import type { BackgroundTasks } from '../nodes/conductor-context.js';
import type { Store } from '../store/store.js';
import type { MediumName } from './published-files.js';

/** Tells the history of a node what its controller gets. Telling never delays or fails anything. No address is told: it opens the file. */
export interface MediaTimeline {
  published(nodeUuid: string, name: MediumName, bytes: bigint): void;
  /** A controller reads an image in thousands of pieces: told once an hour, and anew for a new file. */
  fetched(nodeUuid: string, name: string, requester: { readonly requestId: string; readonly address: string }): void;
}

export interface MediaTimelineParts {
  readonly store: Pick<Store, 'write'>;
  readonly background: BackgroundTasks;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Name of this conductor. */
  readonly hostname: string;
}

const INTERVAL_MS = 60 * 60 * 1000;

export function createMediaTimeline({ store, background, clock, logger, hostname }: MediaTimelineParts): MediaTimeline {
  const told = createSeldom({ clock, intervalMs: INTERVAL_MS });
  const tell = (event: NewNodeEvent): void =>
    background.run('media event', async () => {
      await store
        .write((transaction) => transaction.events.append(event))
        .catch((error: unknown) => logger.warn({ node: event.nodeUuid, error }, 'An event of virtual media could not be written into the history'));
    });
  return {
    published(nodeUuid, name, bytes) {
      told.forget(`${nodeUuid} ${name}`);
      const message = `The conductor serves ${name} (${bytes} bytes) for the controller of the machine`;
      tell({ nodeUuid, type: 'medium-published', severity: 'INFO', actor: hostname, message, details: { name, bytes: Number(bytes) } });
    },
    fetched(nodeUuid, name, { requestId, address }) {
      if (!told.first(`${nodeUuid} ${name}`)) return;
      tell({ nodeUuid, type: 'medium-fetched', severity: 'INFO', actor: requestId, message: `${address} loads ${name}`, details: { name, address } });
    },
  };
}
