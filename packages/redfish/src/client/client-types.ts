import type { CallOptions, Clock, JsonObject, Sealed, Secret, TranscriptSink } from '@ferric/core';
import type { LegacyConnection, TlsSettings } from '@ferric/core/tls';
import type { RedfishMessage } from '../errors/messages.js';
import type { RedfishStyle, Resource } from '../resource/resource.js';

/** How the client proves who it is. `auto`: a session where the controller is Redfish and has them, else basic. */
export const AUTHENTICATIONS = ['auto', 'session', 'basic'] as const;
export type Authentication = (typeof AUTHENTICATIONS)[number];

/** Where the service begins. `auto`: `/redfish/v1/`, and `/rest/v1` when that is not there. */
export const BASES = ['auto', 'redfish', 'ris'] as const;

export interface RedfishClientSettings {
  /** Origin of the controller: `https://192.0.2.10`, `https://bmc.example:8443`. `http://` encrypts nothing and is for tests and emulators. */
  readonly url: string;
  /** Without name and password only what everybody may read can be read. */
  readonly username?: string;
  readonly password?: Secret | string;
  /** Default auto. */
  readonly authentication?: Authentication;
  /** Default auto. */
  readonly base?: (typeof BASES)[number];
  readonly tls?: TlsSettings;
  /** Told with the first connection over old TLS. Must return at once and must not throw. */
  readonly onLegacyTls?: (connection: LegacyConnection) => void;
  /** For one request with all that belongs to it, when the caller gave no `timeoutMs`. Milliseconds, default 60 000. */
  readonly timeoutMs?: number;
  /** An open session without requests is closed after this time. Milliseconds, default 300 000. */
  readonly idleMs?: number;
  /** Requests that may wait for their turn; one is sent at a time. Default 64. */
  readonly queueLimit?: number;
  readonly clock?: Clock;
  readonly transcript?: TranscriptSink;
}

export type RedfishMethod = 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** JSON whose secret leaves may be `Secret`s: they are sent, and shown nowhere. */
export type RequestBody = { readonly [key: string]: Sealed };

export interface RedfishRequest {
  readonly method: RedfishMethod;
  /** Begins with a slash; may have a query. */
  readonly path: string;
  readonly body?: RequestBody;
  /** Besides those that the client sets. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
}

export interface RedfishReply {
  readonly status: number;
  /** Names in lower case; without tokens. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty when the answer has no content. */
  readonly body: JsonObject;
  /** The path that answered, after redirects. */
  readonly path: string;
  readonly messages: readonly RedfishMessage[];
  /** Path of the header Location: of what was created, or of the task that goes on. */
  readonly location: string | undefined;
}

/** What the client counted since it was made. */
export interface RedfishCounters {
  readonly requests: number;
  readonly logins: number;
  readonly logouts: number;
  /** 0 or 1. */
  readonly openSessions: number;
  /** Sessions that could not be closed, or of which it is not known whether they were opened: the controller forgets them by itself. */
  readonly lostSessions: number;
}

/**
 * One controller that speaks Redfish or RIS. Connects and logs in lazily, keeps one session, sends one request at a time. Disposing it ends the running
 * calls with ABORTED, closes the session and the connection.
 *
 * Every call settles by its deadline and rejects with the caller's own reason when aborted; a change that was sent may still happen then. What leaves
 * open whether a change was made is not retryable, and its `details.sent` is true. All throw:
 * INVALID_OPTIONS, UNREACHABLE, TIMEOUT, AUTH_FAILED (never tried a second time), TLS_UNTRUSTED, PROTOCOL_FAULT, BUSY, ABORTED, and REFUSED, CONFLICT,
 * NOT_FOUND or UNSUPPORTED in the words of the controller.
 */
export interface RedfishClient extends AsyncDisposable {
  /** `192.0.2.10:443` */
  readonly address: string;
  readonly counters: RedfishCounters;
  readonly clock: Clock;
  /** Any request. Yields answers with a status below 400 only. Reads are sent up to three times when the connection is reset, changes once. */
  send(request: RedfishRequest, options?: CallOptions): Promise<RedfishReply>;
  /** Reads a resource. */
  read(path: string, options?: CallOptions): Promise<Resource>;
  /**
   * Changes some properties: PATCH, on condition that the resource is still as it was read when the controller gave an ETag. When it is not, it is read
   * again and the change sent with the new ETag, and in the end without a condition: three times at most.
   */
  change(resource: Resource, body: RequestBody, options?: ChangeOptions): Promise<RedfishReply>;
  /** Replaces a resource: PUT, otherwise as {@link change}. */
  replace(resource: Resource, body: RequestBody, options?: ChangeOptions): Promise<RedfishReply>;
  /** POST: creates a member of a collection, or runs an action. */
  post(path: string, body: RequestBody, options?: CallOptions): Promise<RedfishReply>;
  remove(path: string, options?: CallOptions): Promise<RedfishReply>;
  /** The service root, read once. Needs no login. @throws UNSUPPORTED when neither Redfish nor RIS answers */
  root(options?: CallOptions): Promise<ServiceRoot>;
  /** Forgets what was learned about the controller: after a reset or an update of its firmware. The session stays. */
  forget(): void;
}

/** The entry to all other resources. */
export interface ServiceRoot extends Resource {
  readonly style: RedfishStyle;
}

export interface ChangeOptions extends CallOptions {
  /** Besides those that the client sets. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
}
