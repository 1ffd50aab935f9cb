import { badArgument, ERROR_DOMAIN } from '../wire/remote-error.js';

/** Refuses flags that QEMU's driver does not know. @param driverFunction its name in libvirt, for the message. @throws RemoteError 8 */
export function checkFlags(flags: number, known: number, driverFunction: string): void {
  const unknown = (flags & ~known) >>> 0;
  if (unknown === 0) return;
  const text = `unsupported flags (0x${unknown.toString(16)}) in function ${driverFunction}`;
  throw badArgument(text, ERROR_DOMAIN.qemu, driverFunction, 'flags');
}
