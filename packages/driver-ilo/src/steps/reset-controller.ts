import type { StepFacts } from './step-table.js';

/** An iLO is away for a minute or two, some for longer. Milliseconds. */
const RESET_MS = 600_000;

/**
 * Restarts the iLO, which takes all virtual media out; they are put back in, so that a machine that runs or starts from one goes on.
 * Source: Ironic, ironic/drivers/modules/ilo/management.py (reset_ilo).
 */
export const resetIlo: StepFacts = {
  name: 'reset_ilo',
  automatic: 'reset_ilo',
  timeoutMs: RESET_MS,
  async run({ call: { client, options } }) {
    const media = await client.virtualMedia.read(options);
    const boot = await client.bootDevice.read(options);
    await client.controller.reset(options);
    for (const { type, url } of media) await client.virtualMedia.insert(type, new URL(url), options);
    // The choice of the next boot is the server's on some, the iLO's on others.
    const hasCd = media.some(({ type }) => type === 'cdrom');
    if (hasCd && boot.device === 'cdrom' && boot.persistent === false) await client.virtualMedia.bootOnce(options);
    return 'done';
  },
};
