import { expect, test } from 'vitest';
import { EventHub } from '../domain/event-hub.js';
import { EVENT } from '../domain/states.js';
import type { Host } from '../host/host.js';
import { Session } from './session.js';

test('a client that has gone listens no more', () => {
  const events = new EventHub();
  const heard: number[] = [];
  const link = {
    isPrivate: false,
    deliverEvent: (procedure: number) => void heard.push(procedure),
    startKeepAlive: () => undefined,
    hasRoomForStream: () => true,
    endAfterAnswer: () => undefined,
  };
  const session = new Session({ events } as Host, link);
  session.callbacks.add(events.register({ eventId: EVENT.lifecycle, uuid: null, deliver: link.deliverEvent }));
  const domain = { name: 'a', uuid: '11111111-2222-3333-4444-555555555501', id: -1 };
  events.emit(EVENT.lifecycle, domain);
  session[Symbol.dispose]();
  events.emit(EVENT.lifecycle, domain);
  expect(heard).toEqual([318]);
  expect(session.callbacks.size).toBe(0);
});
