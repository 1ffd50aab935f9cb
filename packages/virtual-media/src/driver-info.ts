import type { ObjectSchema } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import { BOOT_DRIVER_INFO, referenceProblem } from '@ferric/ipxe-config';
import type { Delivery } from './delivery.js';

const reference = (description: string) =>
  z
    .string()
    .superRefine((value, context) => {
      const message = referenceProblem(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description });

/** @param urls what can be loaded by a machine, or its controller */
const fieldsFor = (urls: string) => z.object({
  deploy_iso: reference(`ISO image of the deploy agent that boots as it is: an ${urls} URL; in place of deploy_kernel and deploy_ramdisk`),
  rescue_iso: reference(`ISO image for rescuing that boots as it is: an ${urls} URL; in place of rescue_kernel and rescue_ramdisk`),
  bootloader: reference("Image of an EFI system partition whose boot loader reads grub.cfg, for media that are made of kernel and ramdisk: an http, https or file:/// URL; the conductor's own without it"),
  external_http_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: "Base of the addresses from which the machine, or its controller, loads media from the conductor; the conductor's own without it" }),
  ...BOOT_DRIVER_INFO,
});

/** What `driver_info` may hold for the boot interface of a delivery. Names as Ironic's; every field is optional. */
export function mediaDriverInfo({ name, needsHttps }: Pick<Delivery, 'name' | 'needsHttps'>): ObjectSchema<z.output<ReturnType<typeof fieldsFor>>> {
  return objectSchema(`driver_info of ${name}`, fieldsFor(needsHttps ? 'https or file:///' : 'http, https or file:///'));
}
