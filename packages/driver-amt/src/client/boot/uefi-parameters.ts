import { invalidOptions, printValue } from '@ferric/core';

/** One parameter for a UEFI boot. */
interface UefiParameter {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Parameters as AMT_BootSettingData takes them. */
export interface UefiParameters {
  readonly count: number;
  /** In base64. */
  readonly packed: string;
}

/** Source: Intel AMT Implementation and Reference Guide, "Boot Configuration Details": vendor, type (both 16 bits), length (32 bits), little endian. */
const VENDOR = 0x8086;
const HEADER_BYTES = 8;
const TYPES = { uri: 1, syncRootAuthorities: 20 } as const;

/** Source: the same page. Bytes. */
export const LONGEST_BOOT_URL = 300;
const URL_EXPECTED = `an https:// URL of at most ${LONGEST_BOOT_URL} bytes in ASCII`;

/** Whether the firmware can boot from it. */
export function isBootUrl(url: string): boolean {
  // The firmware takes bytes; what is not ASCII has to be encoded before.
  return /^https:\/\/[\x21-\x7e]+$/.test(url) && url.length <= LONGEST_BOOT_URL && URL.canParse(url);
}

/**
 * What a boot over HTTPS is told: where from, and that the firmware takes the root certificates of AMT.
 * @throws INVALID_OPTIONS for a URL that is not https, too long, or not ASCII
 */
export function httpsBootParameters(url: string): UefiParameters {
  if (!isBootUrl(url)) throw invalidOptions('Next boot', [{ field: 'url', problem: 'invalid', expected: URL_EXPECTED, received: printValue(url) }]);
  return packParameters([
    { type: TYPES.uri, value: Buffer.from(url, 'ascii') },
    { type: TYPES.syncRootAuthorities, value: Uint8Array.of(1) },
  ]);
}

function packParameters(parameters: readonly UefiParameter[]): UefiParameters {
  const packed = Buffer.concat(
    parameters.map(({ type, value }) => {
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt16LE(VENDOR, 0);
      header.writeUInt16LE(type, 2);
      header.writeUInt32LE(value.length, 4);
      return Buffer.concat([header, value]);
    }),
  );
  return { count: parameters.length, packed: packed.toString('base64') };
}
