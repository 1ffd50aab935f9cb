import { normalizeMacAddress } from '@ferric/core';

/**
 * The `port_address` of a request as ports are stored: lower case with colons. Takes what iPXE makes of `${mac}`, `${mac:hexhyp}`
 * and `${mac:hexraw}`, in any case; undefined for anything else. Percent-encoding is the business of whoever reads the query.
 */
export function readPortAddress(text: string): string | undefined {
  return normalizeMacAddress(text);
}
