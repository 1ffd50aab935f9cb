/** Classes of RMCP messages. Source: IPMI 1.5, table 12-1. */
const RMCP_CLASSES = { asf: 0x06, ipmi: 0x07 } as const;
export type RmcpClass = keyof typeof RMCP_CLASSES;

export const RMCP_HEADER_BYTES = 4;
const RMCP_VERSION = 0x06;
/** Sequence number of messages that want no acknowledgement, which is all of IPMI. Source: IPMI 1.5, table 12-1. */
const NO_ACKNOWLEDGE = 0xff;

/** Writes the four bytes that start every datagram. */
export function writeRmcpHeader(datagram: Uint8Array, rmcpClass: RmcpClass): void {
  datagram[0] = RMCP_VERSION;
  datagram[1] = 0;
  datagram[2] = NO_ACKNOWLEDGE;
  datagram[3] = RMCP_CLASSES[rmcpClass];
}

/** Whether a datagram is RMCP of this class; acknowledgements, which have bit 7 of the class set, are not. */
export function isRmcp(datagram: Uint8Array, rmcpClass: RmcpClass): boolean {
  return datagram[0] === RMCP_VERSION && datagram[3] === RMCP_CLASSES[rmcpClass];
}
