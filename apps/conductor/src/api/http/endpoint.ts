import type { Attachment, HttpMethod, JsonObject, JsonValue, Sealed } from '@ferric/core';
import type { Requester } from '../../nodes/node-service.js';
import type { ArgumentTable, ArgumentValues } from './arguments.js';

/** What an endpoint is asked. */
export interface Call<Query, Body> {
  /** Minor version N of the request's microversion 1.N. */
  readonly version: number;
  readonly requester: Requester;
  /** Base of all links, no slash at its end. */
  readonly base: string;
  /** The parts of the path that the endpoint's pattern names, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

/** What an endpoint answers: JSON, a plain file, or nothing but a status. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonValue;
  readonly attachment?: Attachment;
}

/** How an endpoint reads its body. */
export interface BodyReader<Body> {
  /** Hides what nobody may see, right after the JSON was parsed and before anything can fail or log. */
  seal?(body: JsonValue): Sealed;
  /** @throws RequestFault 400 or 406. */
  read(body: Sealed | undefined, version: number): Body;
  /** JSON Schema of what is accepted. */
  readonly schema: JsonObject;
  readonly limitBytes?: number;
}

/** One method of one path of the API: everything that is known about it. */
export interface Endpoint<Query extends ArgumentTable = ArgumentTable, Body = unknown> {
  readonly method: HttpMethod;
  /** Below `/v1`: `/nodes/:node/states`. */
  readonly path: string;
  readonly summary: string;
  /** First minor version that has it. Default: every version. */
  readonly since?: number;
  /** What older versions are told. Default: that the path is unknown. */
  readonly older?: 'not found' | 'not acceptable';
  readonly query?: Query;
  /** Any query argument is accepted and handed on as it came; for vendor methods. */
  readonly openQuery?: true;
  readonly body?: BodyReader<Body>;
  /** Anybody may call it, without credentials: machines have no account. Default: only users. */
  readonly public?: true;
  /** The client waits for the machine: when it leaves, the call to the machine is given up. */
  readonly callsDevice?: true;
  readonly answer: EndpointAnswer;
  handle(call: Call<ArgumentValues<Query>, Body>): Promise<Answer>;
}

/** What an endpoint answers when all goes well, for the API description. */
export interface EndpointAnswer {
  readonly status: number;
  readonly description: string;
  /** JSON Schema of the body; absent when there is none. */
  readonly schema?: JsonObject;
  /** Default `application/json`. */
  readonly mediaType?: string;
}

/** An endpoint whose own types do not matter to the holder. */
export type AnyEndpoint = Endpoint<ArgumentTable, unknown>;

/** Writes an endpoint with its types inferred. */
export function defineEndpoint<const Query extends ArgumentTable, Body = undefined>(endpoint: Endpoint<Query, Body>): AnyEndpoint {
  return endpoint as unknown as AnyEndpoint;
}

/** 200 with a JSON body. */
export function ok(body: JsonValue): Answer {
  return { status: 200, body };
}
