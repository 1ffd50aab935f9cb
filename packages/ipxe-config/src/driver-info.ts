import { revealSealed, type ObjectSchema } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import { referenceProblem } from './boot-files.js';
import type { BootNode } from './boot-node.js';
import { refuse } from './checks/fields.js';
import { kernelParametersProblem } from './checks/kernel-parameters.js';
import type { BootInterfaceName } from './network-boot.js';

/** How long a change of the boot device lasts. Source: Ironic, drivers/utils.py (force_persistent_boot_device). */
export const PERSISTENCES = ['Default', 'Always', 'Never'] as const;
export type Persistence = (typeof PERSISTENCES)[number];

/** Ironic's older values. */
const OLDER: ReadonlyMap<string, Persistence> = new Map([['true', 'Always'], ['false', 'Default']]);

/** Whether boot devices are set for good. Throws INVALID_OPTIONS for an unknown value of `driver_info.force_persistent_boot_device`. */
export function readPersistence(node: BootNode): Persistence {
  const value: unknown = revealSealed(node.driverInfo['force_persistent_boot_device'] ?? 'Default');
  const known = toPersistence(value);
  if (known === undefined) throw refuse({ name: 'driver_info.force_persistent_boot_device', value }, `one of ${PERSISTENCES.join(', ')}`);
  return known;
}

function toPersistence(value: unknown): Persistence | undefined {
  return PERSISTENCES.find((name) => name === value) ?? OLDER.get(String(value).toLowerCase());
}

/** The fields of driver_info that every boot of the agent's kernel reads, as zod has the shape of an object. */
export const BOOT_DRIVER_INFO = {
  deploy_kernel: file("Kernel of the deploy agent: an http, https or file:/// URL; the conductor's own without it"),
  deploy_ramdisk: file("Ramdisk of the deploy agent: an http, https or file:/// URL; the conductor's own without it"),
  rescue_kernel: file("Kernel for rescuing: an http, https or file:/// URL; needed for rescuing unless the conductor has one"),
  rescue_ramdisk: file("Ramdisk for rescuing, with the deploy agent: an http, https or file:/// URL; needed for rescuing unless the conductor has one"),
  kernel_append_params: text(
    'Additional parameters of every kernel that is booted by network, separated by blanks, such as console=ttyS0,115200n8; "%default%" stands for the conductor\'s own. The field of the same name in instance_info wins',
    kernelParametersProblem,
  ),
  force_persistent_boot_device: z
    .unknown()
    .refine((value) => toPersistence(value) !== undefined, `one of ${PERSISTENCES.join(', ')}`)
    .prefault('Default')
    .meta({
      type: 'string',
      enum: [...PERSISTENCES],
      description:
        'How long changes of the boot device last: Default is one boot for ramdisks and for good for the deployed system, Always is for good, Never is one boot',
    }),
};

const fields = z.object(BOOT_DRIVER_INFO);

function file(description: string): z.ZodOptional<z.ZodString> {
  return text(description, referenceProblem);
}

/** A text, with the reason why it cannot be used as the message. */
function text(description: string, problemOf: (value: string) => string | undefined): z.ZodOptional<z.ZodString> {
  return z
    .string()
    .superRefine((value, context) => {
      const message = problemOf(value);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ description });
}

/** What `driver_info` may hold for this boot interface. Names as Ironic's; every field is optional. */
export function bootDriverInfo(name: BootInterfaceName): ObjectSchema<z.output<typeof fields>> {
  return objectSchema(`driver_info of ${name}`, fields);
}
