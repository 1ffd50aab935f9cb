import { createRecordingLogger } from '@ferric/core/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { NodeEvent } from '../events/node-event.js';
import { CommittedEvents } from './committed-events.js';

const event = (id: number): NodeEvent => ({
  id, uuid: `uuid-${id}`, nodeUuid: 'n', type: 'node-updated', severity: 'INFO', message: 'm', details: {}, actor: 'a', at: new Date(0),
  conductor: 'c',
});

describe('committed events', () => {
  let events: CommittedEvents;
  let told: number[];
  const logger = createRecordingLogger();
  beforeEach(() => {
    events = new CommittedEvents(logger);
    told = [];
    events.listen((some) => told.push(...some.map(({ id }) => id)));
  });

  it('are told in the order of their numbers, whatever the order of the news', () => {
    const [first, second, third] = [events.hold([event(1), event(2)]), events.hold([event(3)]), events.hold([event(4)])];
    third?.publish();
    second?.publish();
    expect(told).toEqual([]);
    first?.publish();
    expect(told).toEqual([1, 2, 3, 4]);
  });

  it('do not wait for those that were undone', () => {
    const [first, second, third] = [events.hold([event(1)]), events.hold([event(2)]), events.hold([event(3)])];
    second?.publish();
    first?.drop();
    expect(told).toEqual([2]);
    third?.publish();
    expect(told).toEqual([2, 3]);
  });

  it('are told once', () => {
    const first = events.hold([event(1)]);
    first.publish();
    first.publish();
    first.drop();
    expect(told).toEqual([1]);
  });

  it('reach every listener, even when one of them fails', () => {
    const others: number[] = [];
    events.listen(() => {
      throw new Error('broken listener');
    });
    const last = events.listen((some) => others.push(...some.map(({ id }) => id)));
    events.hold([event(1)]).publish();
    last[Symbol.dispose]();
    events.hold([event(2)]).publish();
    expect([told, others]).toEqual([[1, 2], [1]]);
    expect(logger.at('error')).toHaveLength(2);
  });
});
