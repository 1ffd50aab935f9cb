import type { JsonObject } from '@ferric/core';
import type { NodeEvent } from '../events/node-event.js';
import { type Codecs, type ColumnOf, document, instant, type SnakeCase, text } from './column-codecs.js';

type NumberedLater = Omit<NodeEvent, 'id'>;

const CODECS: Codecs<NumberedLater> = {
  nodeUuid: text(),
  uuid: text(),
  at: instant(),
  type: text(),
  severity: text(),
  message: text(),
  details: document<JsonObject>(),
  actor: text(),
  conductor: text(),
};

/** A row of the table `node_events`, its number apart. */
export type NewEventRow = { [Field in keyof NumberedLater as SnakeCase<Field>]: ColumnOf<NumberedLater[Field]> };
export type EventRow = NewEventRow & { id: number };

/** @throws INTERNAL when the details hold a secret. */
export function eventToRow(event: NumberedLater): NewEventRow {
  return {
    node_uuid: CODECS.nodeUuid.write(event.nodeUuid, 'event/node_uuid'),
    uuid: CODECS.uuid.write(event.uuid, 'event/uuid'),
    at: CODECS.at.write(event.at, 'event/at'),
    type: CODECS.type.write(event.type, 'event/type'),
    severity: CODECS.severity.write(event.severity, 'event/severity'),
    message: CODECS.message.write(event.message, 'event/message'),
    details: CODECS.details.write(event.details, 'event/details'),
    actor: CODECS.actor.write(event.actor, 'event/actor'),
    conductor: CODECS.conductor.write(event.conductor, 'event/conductor'),
  };
}

export function rowToEvent(row: EventRow): NodeEvent {
  return {
    id: row.id,
    uuid: row.uuid,
    nodeUuid: row.node_uuid,
    at: CODECS.at.read(row.at),
    type: CODECS.type.read(row.type),
    severity: CODECS.severity.read(row.severity),
    message: row.message,
    details: CODECS.details.read(row.details),
    actor: row.actor,
    conductor: row.conductor,
  };
}
