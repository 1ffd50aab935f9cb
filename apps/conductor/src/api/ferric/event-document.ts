import type { JsonObject } from '@ferric/core';
import type { NodeEvent } from '../../events/node-event.js';

/** An event as the timeline and the stream show it. */
export function eventDocument(event: NodeEvent): JsonObject {
  return {
    id: event.id,
    uuid: event.uuid,
    at: event.at.toISOString(),
    node_uuid: event.nodeUuid,
    type: event.type,
    severity: event.severity,
    message: event.message,
    details: event.details,
    actor: event.actor,
    conductor: event.conductor,
  };
}

/** JSON Schema of {@link eventDocument}. */
export const EVENT_SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'integer', description: 'Grows by time over all nodes.' },
    uuid: { type: 'string', format: 'uuid' },
    at: { type: 'string', format: 'date-time' },
    node_uuid: { type: 'string', format: 'uuid' },
    type: { type: 'string' },
    severity: { enum: ['INFO', 'WARNING', 'ERROR'] },
    message: { type: 'string' },
    details: { type: 'object' },
    actor: { type: 'string' },
    conductor: { type: 'string' },
  },
};
