import { isIP } from 'node:net';
import type { DriverInfoSchema } from '@ferric/core';
import { driverInfoSchema, integerField, secretField, z } from '@ferric/core/zod';
import { formatHost, HOST_EXPECTED, parseHost } from './client/host.js';
import { parseSecureOn, SECURE_ON_EXPECTED } from './client/secureon.js';
import { WAKE_DEFAULTS, WAKE_LIMITS, type WakeFieldNames, type WakeSettings } from './client/wake-request.js';

/** The driver's name, which is Ironic's name of the power interface and of the hardware type. */
export const WOL_DRIVER_NAME = 'staging-wol';

const PORT = { min: 1, max: 65_535 } as const;
const port = integerField(PORT);
const textOrNumber = z.union([z.string(), z.number()]);
const textOrNumbers = z.union([textOrNumber, z.array(textOrNumber)]);

const fields = z
  .object({
    wol_host: listField(z.string(), { read: readHostText, expected: HOST_EXPECTED, limit: WAKE_LIMITS.hosts })
      .prefault(WAKE_DEFAULTS.host)
      .meta({
        type: 'string',
        description:
          'Where magic packets are sent: a broadcast or other address, IPv6 with its interface (ff02::1%eth0), or a host name; several separated by commas',
      }),
    wol_port: port.default(WAKE_DEFAULTS.port).meta({ description: 'UDP port; not used when wol_ports is set' }),
    wol_ports: listField(textOrNumbers, { read: readPortNumber, expected: `a whole number from ${PORT.min} to ${PORT.max}`, limit: WAKE_LIMITS.ports })
      .optional()
      .meta({ type: 'string', description: 'UDP ports separated by commas, such as "7,9", or a list of them; takes the place of wol_port' }),
    wol_secureon: secretField({
      description: 'SecureOn password of the network card: 4 bytes (192.168.1.1) or 6 bytes (00:11:22:33:44:55); nothing is appended without it',
      expected: SECURE_ON_EXPECTED,
      accepts: (value) => parseSecureOn(value) !== undefined,
    }).optional(),
    wol_interface: z
      .string()
      .min(1, 'the name of a network interface')
      .optional()
      .meta({ description: "Network interface of this machine to send from, such as eth0; the operating system's choice without it" }),
    wol_source_address: z
      .string()
      .refine((text) => isIP(text) !== 0, 'an IPv4 or IPv6 address of this machine')
      .optional()
      .meta({ description: 'Address of this machine to send from; not together with wol_interface' }),
    wol_repeat: integerField({ min: 1, max: WAKE_LIMITS.repeat })
      .default(WAKE_DEFAULTS.repeat)
      .meta({ description: 'How often each magic packet is sent; UDP may lose some' }),
    wol_spacing_ms: integerField({ min: 0, max: WAKE_LIMITS.spacingMs })
      .default(WAKE_DEFAULTS.spacingMs)
      .meta({ description: 'Pause between two magic packets, in milliseconds' }),
  })
  .superRefine((info, context) => {
    if (info.wol_interface === undefined || info.wol_source_address === undefined) return;
    context.addIssue({ code: 'custom', path: ['wol_source_address'], message: 'left out when wol_interface is given' });
  });

/** What a node's driver_info may hold for `staging-wol`. Every field is optional; the descriptions are shown to users. */
export const wolDriverInfo: DriverInfoSchema<WolDriverInfo> = driverInfoSchema(WOL_DRIVER_NAME, fields);

/** Checked driver_info with its defaults filled in. */
export type WolDriverInfo = z.output<typeof fields>;

/** The names that users know the client's settings by. */
export const WOL_FIELDS: WakeFieldNames = {
  mac: (index) => `ports.${index}.address`,
  macs: 'ports',
  host: 'wol_host',
  ports: 'wol_ports',
  secureOn: 'wol_secureon',
  interface: 'wol_interface',
  sourceAddress: 'wol_source_address',
  repeat: 'wol_repeat',
  spacingMs: 'wol_spacing_ms',
};

/** The client's settings for this driver_info. */
export function toWakeSettings(info: WolDriverInfo): WakeSettings {
  return {
    host: info.wol_host,
    ports: info.wol_ports ?? info.wol_port,
    repeat: info.wol_repeat,
    spacingMs: info.wol_spacing_ms,
    ...(info.wol_secureon === undefined ? {} : { secureOn: info.wol_secureon }),
    ...(info.wol_interface === undefined ? {} : { interface: info.wol_interface }),
    ...(info.wol_source_address === undefined ? {} : { sourceAddress: info.wol_source_address }),
  };
}

/** What a field with several values holds. */
interface ListRule<T> {
  /** Reads one value; undefined when it cannot be used. */
  readonly read: (value: unknown) => T | undefined;
  /** What one value is, in words. */
  readonly expected: string;
  /** Most values. */
  readonly limit: number;
}

/** Several values in one text with commas, or in a list where `input` takes one; without duplicates. */
function listField<T>(input: z.ZodType, { read, expected, limit }: ListRule<T>): z.ZodType<readonly T[]> {
  const several = `${expected}, or up to ${limit} of them separated by commas`;
  return z.unknown().transform((value, context) => {
    const parts: readonly unknown[] = typeof value === 'string' ? value.split(',').map((part) => part.trim()) : [value].flat();
    const items = parts.map(read).filter((item) => item !== undefined);
    const usable = input.safeParse(value).success && items.length > 0 && items.length === parts.length && items.length <= limit;
    if (usable) return [...new Set(items)];
    context.issues.push({ code: 'custom', message: several, input: value });
    return z.NEVER;
  });
}

function readHostText(value: unknown): string | undefined {
  const host = typeof value === 'string' ? parseHost(value) : undefined;
  return host === undefined ? undefined : formatHost(host);
}

function readPortNumber(value: unknown): number | undefined {
  return port.safeParse(value).data;
}
