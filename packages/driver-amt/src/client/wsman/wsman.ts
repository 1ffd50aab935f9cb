import type { CallOptions, Secret } from '@ferric/core';

/**
 * One element of a body, as it came, in its order. Names are local names: prefixes are the firmware's own affair and differ per message.
 */
export interface WsmanElement {
  readonly name: string;
  /** Namespace URI; undefined when the element is in none. */
  readonly namespace?: string | undefined;
  /** By local name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Text of an element without children, unescaped, white space kept; `''` when it is empty. */
  readonly text: string;
  readonly children: readonly WsmanElement[];
}

/** A reference to an instance: what the selectors of WS-Management pick. */
export interface WsmanReference {
  /** Class name: `CIM_ComputerSystem`. */
  readonly resource: string;
  readonly selectors: Readonly<Record<string, string>>;
}

/**
 * A value that goes into a body. A list repeats the element; a reference becomes an endpoint reference; fields keep their order; a secret is sent
 * in clear and shown nowhere.
 */
export type WsmanValue = string | number | boolean | Secret | WsmanReference | WsmanFields | readonly WsmanValue[];

/** Fields of an instance or an input, in the order in which they are sent. */
export interface WsmanFields {
  readonly fields: readonly WsmanField[];
}

export interface WsmanField {
  readonly name: string;
  /** Namespace URI. Default: the one of the class that is spoken to. */
  readonly namespace?: string;
  readonly value: WsmanValue;
}

/** What every exchange may say besides. */
export interface WsmanCallOptions extends CallOptions {
  /** Picks one of several instances. Left out: the class has one. */
  readonly selectors?: Readonly<Record<string, string>>;
}

/**
 * WS-Management as a device offers it, one class at a time. Class names carry their namespace by their prefix: CIM_, AMT_, IPS_.
 * Every call throws UNREACHABLE, TIMEOUT, AUTH_FAILED, TLS_UNTRUSTED, PROTOCOL_FAULT, and for a SOAP fault what its table says:
 * REFUSED (access denied), NOT_FOUND (no such class or instance), BUSY (limits, time), UNSUPPORTED, INTERNAL (the request was wrong).
 */
export interface Wsman extends AsyncDisposable {
  /** One instance of a class. */
  get(resource: string, options?: WsmanCallOptions): Promise<WsmanElement>;
  /** All instances of a class, pulled to the end. */
  enumerate(resource: string, options?: CallOptions): Promise<readonly WsmanElement[]>;
  /** Replaces an instance. The answer is the instance as the device has it now; when only that cannot be had, `details.sent` of the error is true. */
  put(resource: string, instance: WsmanFields, options?: WsmanCallOptions): Promise<WsmanElement>;
  create(resource: string, instance: WsmanFields, options?: CallOptions): Promise<WsmanReference>;
  delete(resource: string, options: WsmanCallOptions): Promise<void>;
  /**
   * Calls a method; the answer is its output element as it came. A ReturnValue other than 0 is not an error here: what it means depends on the
   * method.
   */
  invoke(resource: string, method: string, input?: WsmanFields, options?: WsmanCallOptions): Promise<WsmanElement>;
}
