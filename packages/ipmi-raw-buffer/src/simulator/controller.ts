/** One command as a controller gets it, whatever brought it. */
export interface ControllerRequest {
  /** Even, 0..62. */
  readonly netFn: number;
  /** Logical unit, 0..3. */
  readonly lun: number;
  /** 0..255. */
  readonly command: number;
  /** What follows the command. */
  readonly data: Uint8Array;
}

export interface ControllerReply {
  /** 0x00: carried out. */
  readonly completionCode: number;
  /** What follows the completion code. */
  readonly data: Uint8Array;
}

/** What the BMC itself answers. */
export interface BmcReply extends ControllerReply {
  /** A message that follows the answer in a packet of its own. */
  readonly followUp?: Uint8Array;
}

/** A controller behind the BMC, which reaches it by Send Message. Source: IPMI 1.5, section 18.7. */
export interface VirtualController {
  /** Channel of the bus it hangs on, 0..15: 0 is the primary IPMB. */
  readonly channel: number;
  /** Answers at once; undefined: no answer comes, and the BMC reports completion code C3h. */
  handle(request: ControllerRequest): ControllerReply | undefined;
  /** Controllers on a bus behind this one, by their 8-bit addresses; they are reached by a Send Message inside a Send Message. */
  readonly controllers?: VirtualControllers;
}

/** Controllers by their 8-bit addresses: `{ 0x2c: nodeManager }`. */
export type VirtualControllers = Readonly<Record<number, VirtualController>>;

/** Says yes, with the bytes after the completion code. */
export function accept(...data: readonly number[]): ControllerReply {
  return { completionCode: 0x00, data: Uint8Array.from(data) };
}

/** Says no. */
export function decline(completionCode: number): ControllerReply {
  return { completionCode, data: new Uint8Array() };
}

/** Completion codes that the BMC gives. Source: IPMI 1.5, table 5-2. */
export const CODE = {
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  timeout: 0xc3,
  outOfSpace: 0xc4,
  reservationInvalid: 0xc5,
  truncated: 0xc6,
  lengthInvalid: 0xc7,
  outOfRange: 0xc9,
  cannotReturnSoMuch: 0xca,
  notPresent: 0xcb,
  invalidField: 0xcc,
  illegalForType: 0xcd,
  duplicate: 0xcf,
  insufficientPrivilege: 0xd4,
  notInThisState: 0xd5,
  unspecified: 0xff,
} as const;
