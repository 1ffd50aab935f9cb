import { objectSchema, z } from '@ferric/core/zod';
import { ILO_MEDIA_TYPES } from '../client/index.js';
import type { StepFacts } from './step-table.js';

const INSERT_MS = 300_000;
const URL_EXPECTED = 'an http or https address that the iLO can reach';
const DEVICE_EXPECTED = `one of ${ILO_MEDIA_TYPES.join(', ')}`;

const mediumSchema = objectSchema(
  'Arguments of insert_virtual_media',
  z.object({ device: z.enum(ILO_MEDIA_TYPES, DEVICE_EXPECTED).default('cdrom'), url: z.url({ protocol: /^https?$/, error: URL_EXPECTED }) }),
);

/**
 * Puts a medium in for a step of the deploy agent that works from it, as Ironic does by itself for its step update_firmware_sum.
 * Source: Ironic, ironic/drivers/modules/ilo/management.py (_do_update_firmware_sum).
 */
export const insertVirtualMedia: StepFacts = {
  name: 'insert_virtual_media',
  timeoutMs: INSERT_MS,
  arguments: {
    url: { description: `Where the image is: ${URL_EXPECTED}.`, required: true },
    device: { description: `The drive: ${DEVICE_EXPECTED}. Default: cdrom. What is in it is ejected.`, required: false },
  },
  check: (args) => void mediumSchema.parse(args),
  async run({ call: { client, options }, args }) {
    const { device, url } = mediumSchema.parse(args);
    await client.virtualMedia.insert(device, new URL(url), options);
    return 'done';
  },
};
