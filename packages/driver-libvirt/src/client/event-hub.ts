import { type Clock, type FerricError, invalidOptions, type Logger, type OptionIssue, printValue } from '@ferric/core';
import { clientClosed, type ConnectionKeeper } from './connection-keeper.js';
import { EventFeed, type EventListener } from './event-feed.js';
import { EVENT_KINDS } from './event-kinds.js';
import { EventQueue } from './event-queue.js';
import type { EventGap, EventOptions, LibvirtEvent, LibvirtEventKind } from './events.js';
import type { OwnedRpcConnection } from './rpc/connection.js';

const DEFAULT_LIMIT = 1000;

export interface EventHubSettings {
  readonly address: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keeper: ConnectionKeeper;
}

/** All events of one client. */
export interface EventHub {
  /** Events from the first time that the reader asks for one. @throws INVALID_OPTIONS. */
  events(kind: LibvirtEventKind, options: EventOptions): AsyncIterable<LibvirtEvent | EventGap>;
  /** There is a new connection. */
  attach(connection: OwnedRpcConnection): void;
  /** No connection will come: all readers throw this. */
  fail(error: FerricError): void;
  /** All readers come to their end. */
  close(): void;
}

/** One loop over events. */
interface Reader {
  readonly end: () => void;
  readonly fail: (error: FerricError) => void;
}

export function createEventHub({ address, clock, logger, keeper }: EventHubSettings): EventHub {
  const feeds = new Map<LibvirtEventKind, EventFeed>();
  const readers = new Set<Reader>();
  let held: Disposable | undefined;

  const feedOf = (kind: LibvirtEventKind): EventFeed => {
    const known = feeds.get(kind);
    if (known !== undefined) return known;
    const feed = new EventFeed({ kind: EVENT_KINDS[kind], clock, logger });
    feeds.set(kind, feed);
    if (keeper.current !== undefined) feed.attach(keeper.current);
    return feed;
  };

  const read = (kind: LibvirtEventKind, { signal, domainUuid, limit = DEFAULT_LIMIT }: EventOptions): AsyncIterator<LibvirtEvent | EventGap, undefined> => {
    const feed = feedOf(kind);
    const end = (): void => void queue.return();
    const leave = (): void => {
      signal?.removeEventListener('abort', end);
      feed.remove(listener);
      readers.delete(reader);
      if (readers.size > 0) return;
      held?.[Symbol.dispose]();
      held = undefined;
    };
    const fail = (error: FerricError): void => {
      queue.fail(error);
      leave();
    };
    const start = (): void => {
      if (signal?.aborted === true) end();
      else if (keeper.state === 'closed') queue.fail(clientClosed(address));
      else {
        signal?.addEventListener('abort', end, { once: true });
        readers.add(reader);
        feed.add(listener);
        held ??= keeper.hold();
      }
    };
    const queue = new EventQueue(limit, { started: start, left: leave });
    const listener: EventListener = { domainUuid: domainUuid?.toLowerCase(), push: (event) => queue.push(event), fail };
    const reader: Reader = { end, fail };
    return queue;
  };

  return {
    events(kind, options) {
      checkOptions(kind, options);
      return { [Symbol.asyncIterator]: () => read(kind, options) };
    },
    attach(connection) {
      for (const feed of feeds.values()) feed.attach(connection);
    },
    fail(error) {
      for (const reader of readers) reader.fail(error);
    },
    close() {
      for (const reader of readers) reader.end();
    },
  };
}

function checkOptions(kind: LibvirtEventKind, { limit }: EventOptions): void {
  const issues: OptionIssue[] = [];
  if (!Object.hasOwn(EVENT_KINDS, kind)) {
    issues.push({ field: 'kind', problem: 'invalid', expected: `one of ${Object.keys(EVENT_KINDS).join(', ')}`, received: printValue(kind) });
  }
  if (limit !== undefined && (!Number.isSafeInteger(limit) || limit < 1)) {
    issues.push({ field: 'limit', problem: 'invalid', expected: 'a whole number of at least 1', received: printValue(limit) });
  }
  if (issues.length > 0) throw invalidOptions('Events of libvirt', issues);
}
