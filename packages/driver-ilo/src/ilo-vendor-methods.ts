import { defineVendorMethod, type JsonValue, type VendorMethod, type VendorMethods } from '@ferric/core';
import { noArguments, objectSchema, z } from '@ferric/core/zod';
import { ILO_MEDIA_TYPES, type IloMediaType } from './client/index.js';
import { CALL_MS, type IloMachine } from './ilo-machine.js';
import { createSubscriptionMethods } from './ilo-subscription-methods.js';

const URL_EXPECTED = 'an http or https address that the iLO can reach';

const isoArguments = objectSchema(
  'Arguments of boot_into_iso',
  z.object({ boot_iso_href: z.url({ protocol: /^https?$/, error: URL_EXPECTED }).meta({ description: `Where the ISO image is: ${URL_EXPECTED}` }) }),
);

/** Names of drives, by what Ironic calls them. Source: Ironic, ironic/drivers/modules/redfish/vendor.py (eject_vmedia). */
const DRIVES: Readonly<Record<string, IloMediaType>> = { cd: 'cdrom', dvd: 'cdrom', usb: 'floppy', floppy: 'floppy' };
const DRIVE_NAMES = ['cd', 'dvd', 'usb', 'floppy'] as const;

const driveArguments = objectSchema(
  'Arguments of eject_vmedia',
  z.object({ boot_device: z.enum(DRIVE_NAMES, `one of ${DRIVE_NAMES.join(', ')}`).optional().meta({ description: 'The drive to empty; all when left out' }) }),
);

/** How a method is called that reads, and one that changes the machine. */
const READING = { httpMethods: ['GET'], async: false, attach: false, requireExclusiveLock: false } as const;
const WORK = { httpMethods: ['POST'], async: true, attach: false, requireExclusiveLock: true } as const;

/** What only machines with an iLO have. Sources: Ironic, ironic/drivers/modules/ilo/vendor.py (boot_into_iso), ironic/drivers/modules/redfish/vendor.py. */
export function createIloVendorMethods(machine: IloMachine): VendorMethods {
  const methods: Record<string, VendorMethod> = {
    boot_into_iso: defineVendorMethod({
      description: "Attaches an ISO image and reboots the node. Required argument: 'boot_iso_href' - HTTP(S) URL of the image to be booted.",
      ...WORK,
      arguments: isoArguments,
      call: ({ boot_iso_href: address }, options) =>
        machine.perform({ what: 'boot_into_iso', timeoutMs: 2 * CALL_MS }, options, async ({ client, options: call, onlyOnce }) => {
          await client.virtualMedia.insert('cdrom', new URL(address), call);
          await client.virtualMedia.bootOnce(call);
          await onlyOnce(() => client.power.set('rebooting', call));
          return null;
        }),
    }),
    eject_vmedia: defineVendorMethod({
      description: "Eject a virtual media device. If no device is provided then all attached devices will be ejected. Optional arguments: 'boot_device' - the boot device to eject, either 'cd', 'dvd', 'usb', or 'floppy'",
      ...WORK,
      arguments: driveArguments,
      call: ({ boot_device: name }, options) =>
        machine.perform({ what: 'eject_vmedia' }, options, async ({ client, options: call }) => {
          const drive = name === undefined ? undefined : DRIVES[name];
          for (const type of drive === undefined ? ILO_MEDIA_TYPES : [drive]) await client.virtualMedia.eject(type, call);
          return null;
        }),
    }),
    get_controller: defineVendorMethod({
      description: 'What the iLO is, its licence, and in which ways it is spoken to.',
      ...READING,
      arguments: noArguments,
      call: (_args, options) =>
        machine.perform({ what: 'get_controller' }, options, async ({ client, options: call }): Promise<JsonValue> => {
          const { name, firmwareVersion, backEnds } = await client.identify(call);
          const licence = await client.licence.read(call);
          return { name, firmware_version: firmwareVersion, licence: licence.name, protocols: [...backEnds] };
        }),
    }),
    get_csr: defineVendorMethod({
      description: 'The request for a certificate that the clean step create_csr made, in PEM form, and what is known of the certificate of iLO 5 and later.',
      ...READING,
      arguments: noArguments,
      call: (_args, options) =>
        machine.perform({ what: 'get_csr' }, options, async ({ client, options: call }): Promise<JsonValue> => {
          const { request, subject, issuer, validFrom, validUntil } = await client.httpsCertificate.read(call);
          return { csr: request, subject, issuer, valid_from: validFrom, valid_until: validUntil };
        }),
    }),
    ...createSubscriptionMethods(machine),
    get_security_status: defineVendorMethod({
      description: 'The security dashboard of iLO 5 and later: its overall status, every parameter, and the settings behind them.',
      ...READING,
      arguments: noArguments,
      call: (_args, options) =>
        machine.perform({ what: 'get_security_status' }, options, async ({ client, options: call }): Promise<JsonValue> => {
          const { overallStatus, parameters, settings } = await client.security.read(call);
          return { overall_status: overallStatus, parameters: parameters.map((each) => ({ ...each })), settings };
        }),
    }),
  };
  return { methods };
}
