/**
 * The status codes of Intel AMT, in words. Source: Intel AMT Implementation and Reference Guide, page "Errors and Return Values".
 */
export const PT_STATUS: Readonly<Record<number, string>> = {
  0x0: 'success',
  0x1: 'internal error',
  0x2: 'not ready',
  0x3: 'invalid operation mode',
  0x4: 'invalid message length',
  0xc: 'invalid name',
  0xf: 'invalid byte count',
  0x10: 'not permitted',
  0x11: 'not the owner',
  0x12: 'locked by another',
  0x17: 'maximum limit reached',
  0x18: 'invalid authentication type',
  0x19: 'authentication failed',
  0x1a: 'invalid DHCP mode',
  0x1b: 'invalid IP address',
  0x1c: 'invalid domain name',
  0x1e: 'request unexpected',
  0x20: 'invalid provisioning state',
  0x21: 'unsupported object',
  0x22: 'invalid time',
  0x23: 'invalid index',
  0x24: 'invalid parameter',
  0x25: 'invalid network mask',
  0x26: 'flash write limit exceeded',
  0x2d: 'connection failed',
  0x2e: 'too many connections',
  0x2f: 'random number generation in progress',
  0x30: 'random number generator not ready',
  0x31: 'certificate not ready',
  0x400: 'disabled by policy',
  0x801: 'unsupported OEM number',
  0x802: 'unsupported boot option',
  0x803: 'invalid command',
  0x804: 'invalid special command',
  0x805: 'invalid handle',
  0x806: 'invalid password',
  0x807: 'invalid realm',
  0x808: 'access control entry in use',
  0x809: 'data missing',
  0x80a: 'duplicate',
  0x80b: 'event log frozen',
  0x80c: 'key pair missing',
  0x80d: 'keys are being generated',
  0x80e: 'invalid key',
  0x80f: 'invalid certificate',
  0x810: 'certificate and key do not match',
  0x811: 'Kerberos domain limit reached',
  0x812: 'unsupported',
  0x813: 'invalid priority',
  0x814: 'not found',
  0x815: 'invalid credentials',
  0x816: 'invalid passphrase',
  0x818: 'no association',
  0x81b: 'audit failed',
  0x81c: 'blocking component',
  0x821: 'user consent required',
};

/** What standard CIM methods add to a status of AMT. Source: as {@link PT_STATUS}. */
const PT_STATUS_OFFSET = 32_768;

/** The status behind a ReturnValue: standard CIM methods answer with 32768 more than AMT's own. */
export function ptStatusOf(returnValue: number): number {
  return returnValue >= PT_STATUS_OFFSET ? returnValue - PT_STATUS_OFFSET : returnValue;
}

/** A ReturnValue that is a status of AMT, in words: `duplicate`; `unknown status 77` for one that nobody has named. */
export function returnValueName(returnValue: number): string {
  return PT_STATUS[ptStatusOf(returnValue)] ?? `unknown status ${returnValue}`;
}
