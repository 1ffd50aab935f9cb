import type { JsonObject, JsonValue } from '@ferric/core';
import { isObject, valueOf } from '../resource/readers.js';

/** One message of a Redfish message registry, as an answer carries it. Source: DSP0266, "Message object". */
export interface RedfishMessage {
  /** As it came: `Base.1.4.PropertyUnknown`. */
  readonly id: string;
  /** Its first part: `Base`. */
  readonly registry: string;
  /** Its last part, which alone says what is meant: `PropertyUnknown`. */
  readonly key: string;
  readonly args: readonly string[];
  /** Properties that it is about, as JSON pointers or names. */
  readonly properties: readonly string[];
  readonly text: string | undefined;
  readonly resolution: string | undefined;
}

/** More than any answer was seen to carry. */
const MESSAGE_LIMIT = 64;

/** The parts of a message id. The version in between is of no use: controllers mix them. Some write `Base.1.0:Success`. */
export function parseMessageId(id: string): Pick<RedfishMessage, 'registry' | 'key'> {
  const parts = id.split(/[.:]/).filter((part) => part !== '');
  return { registry: parts.length > 1 ? (parts[0] ?? '') : '', key: parts.at(-1) ?? '' };
}

/** Places of messages in an answer: Redfish errors, RIS errors, remarks on a resource. */
const PLACES: readonly ((body: JsonObject) => JsonValue | undefined)[] = [
  (body) => below(body, 'error', '@Message.ExtendedInfo'),
  (body) => valueOf(body, 'Messages'),
  (body) => valueOf(body, '@Message.ExtendedInfo'),
];

/** All messages of an answer, in either form; early Redfish carries both, and then the one with more words wins. Never throws. */
export function readMessages(body: JsonObject): readonly RedfishMessage[] {
  const found = new Map<string, RedfishMessage>();
  for (const message of PLACES.flatMap((place) => listOfMessages(place(body)))) {
    const name = `${message.key} ${message.args.join(' ')}`;
    if (found.get(name)?.text === undefined) found.set(name, message);
  }
  const messages = [...found.values()];
  return messages.length > 0 ? messages : errorWithoutInfo(body);
}

/** Messages in a list, such as those of a task or of pending settings. A single message counts as a list of one. */
export function listOfMessages(value: JsonValue | undefined): readonly RedfishMessage[] {
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return items.filter(isObject).slice(0, MESSAGE_LIMIT).flatMap(toMessage);
}

function toMessage(item: JsonObject): readonly RedfishMessage[] {
  const id = textOf(valueOf(item, 'MessageId') ?? valueOf(item, 'MessageID'));
  const text = textOf(valueOf(item, 'Message'));
  if (id === undefined && text === undefined) return [];
  return [
    {
      id: id ?? '',
      ...parseMessageId(id ?? ''),
      args: textsOf(valueOf(item, 'MessageArgs')),
      properties: textsOf(valueOf(item, 'RelatedProperties')),
      text,
      resolution: textOf(valueOf(item, 'Resolution')),
    },
  ];
}

/** Some services give no more than code and message. */
function errorWithoutInfo(body: JsonObject): readonly RedfishMessage[] {
  const error = valueOf(body, 'error');
  if (!isObject(error)) return [];
  return toMessage({ MessageId: valueOf(error, 'code') ?? null, Message: valueOf(error, 'message') ?? null });
}

function below(body: JsonObject, first: string, second: string): JsonValue | undefined {
  const part = valueOf(body, first);
  return isObject(part) ? valueOf(part, second) : undefined;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function textsOf(value: JsonValue | undefined): readonly string[] {
  const items = Array.isArray(value) ? (value as readonly JsonValue[]) : [];
  return items.filter((item) => ['string', 'number', 'boolean'].includes(typeof item)).map(String);
}
