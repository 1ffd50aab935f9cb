import type { CallOptions } from '@ferric/core';

/** One hop of a bridge: the request is wrapped in a Send Message to this controller. Source: IPMI 1.5, section 18.7; 2.0, section 22.7. */
export interface BridgeHop {
  /** Channel of the bus, 0..15. */
  readonly channel: number;
  /** Address on that bus in its 8-bit form: `0x2c`. */
  readonly address: number;
}

/** One IPMI request, whatever carries it. */
export interface IpmiRequest {
  /** Network function of the request, even, 0..62: `0x06` for application. */
  readonly netFn: number;
  /** Logical unit of the controller, 0..3. Default 0. */
  readonly lun?: number;
  /** 0..255. */
  readonly command: number;
  /** What follows the command. Default nothing. */
  readonly data?: Uint8Array;
  /** Controllers behind the BMC to pass through, outermost first; at most two. Default none: the BMC itself is asked. */
  readonly bridge?: readonly BridgeHop[];
}

/** What came back, whether the request was carried out or not. */
export interface IpmiResponse {
  /** 0x00: carried out. What the others mean depends on the request; see `explainCompletionCode`. */
  readonly completionCode: number;
  /** What follows the completion code. A controller may send more than is specified, and less when it declines. */
  readonly data: Uint8Array;
}

export interface RequestOptions extends CallOptions {
  /**
   * Whether the request may be sent again when no answer comes: the controller may then carry it out twice. Default true.
   * False for what must not happen twice: a power cycle, a reset, clearing a log.
   */
  readonly repeatable?: boolean;
  /** What is being done, for errors and transcripts: `Get Device ID`. Default: netFn and command. */
  readonly step?: string;
}

/**
 * Whoever carries IPMI requests to one controller: a session, a test, a bridge. Requests of one caller are answered in any order.
 * Throws UNREACHABLE, TIMEOUT, AUTH_FAILED, PROTOCOL_FAULT, BUSY, ABORTED and the caller's own reason; INVALID_OPTIONS for a request that cannot be encoded.
 */
export interface RequestCarrier {
  /** `192.0.2.10:623`, for errors. */
  readonly address: string;
  raw(request: IpmiRequest, options?: RequestOptions): Promise<IpmiResponse>;
}
