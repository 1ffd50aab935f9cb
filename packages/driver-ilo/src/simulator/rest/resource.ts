import type { JsonObject, JsonValue } from '@ferric/core';
import type { Caller, Controller } from '../controller.js';
import type { Machine } from '../machine/machine.js';
import type { PostState } from '../machine/post-timeline.js';
import type { Outcome } from '../outcome.js';
import type { Message, Style } from './messages.js';

/** An answer that is more than success or refusal. */
export interface RestReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out: {@link RestReply.messages}, or success. */
  readonly body?: JsonObject;
  readonly messages?: readonly Message[];
}

export type RestAnswer = Outcome | RestReply;

export const isReply = (answer: RestAnswer): answer is RestReply => answer !== undefined && 'status' in answer;

/** What a handler works with. */
export interface RestContext {
  readonly controller: Controller;
  readonly machine: Machine;
  readonly caller: Caller;
  readonly style: Style;
  /** `https://host:port`, for absolute locations. */
  readonly origin: string;
  /** Headers of the request, names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The state of the self test; only what a client really reads counts as read. */
  postState(): PostState;
  /** The link to a resource, by its path below the root of the service. */
  href(path: string): string;
}

/** The part of a path that stood where the pattern has `{}`. */
export type Member = string;

/** One resource, or as many as there are members. */
export interface Resource {
  /** Below the root of the service, in the case that links have; `{}` stands for one segment: `Systems/1/Memory/{}`. */
  readonly path: string;
  /** What is shown; undefined: there is no such member. An action has none. */
  readonly read?: (context: RestContext, member: Member) => JsonObject | undefined;
  /** Dotted paths of what can be written, for {@link Resource.patch}; `*`: everything. */
  readonly writable?: readonly string[];
  readonly patch?: (context: RestContext, body: JsonObject, member: Member) => RestAnswer;
  readonly put?: (context: RestContext, body: JsonObject, member: Member) => RestAnswer;
  readonly post?: (context: RestContext, body: JsonObject, member: Member) => RestAnswer;
  readonly remove?: (context: RestContext, member: Member) => RestAnswer;
  /** Whether it exists on this iLO. Default always. */
  readonly exists?: (context: RestContext) => boolean;
  /** Whether it is shown to those who are not logged in. */
  readonly isOpen?: boolean;
}

export const asObject = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

export const asText = (value: JsonValue | undefined): string | undefined => (typeof value === 'string' ? value : undefined);

export const asList = (value: JsonValue | undefined): readonly JsonValue[] => (Array.isArray(value) ? (value as readonly JsonValue[]) : []);
