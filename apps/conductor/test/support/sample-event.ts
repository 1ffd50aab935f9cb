import type { NodeEvent } from '../../src/events/node-event.js';
import { sampleNode } from './sample-node.js';

/** The UUID of the sample event with this id. */
export function eventUuid(id: number): string {
  return `00000000-0000-0000-0000-${String(id).padStart(12, '0')}`;
}

/** Something that went wrong with the sample node, with the given fields changed. */
export function sampleEvent(id: number, fields: Partial<NodeEvent> = {}): NodeEvent {
  return {
    id, uuid: eventUuid(id), nodeUuid: sampleNode().uuid, type: 'work-failed', severity: 'ERROR', message: `failure ${id}`, details: {}, actor: 'req-1',
    at: new Date('2026-11-21T00:08:02.748Z'), conductor: 'peer1', ...fields,
  };
}
