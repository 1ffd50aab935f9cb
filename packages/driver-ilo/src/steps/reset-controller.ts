import { Secret, withFields, type Logger } from '@ferric/core';
import type { IloClient, IloMediaType } from '../client/index.js';
import type { IloCall } from '../ilo-machine.js';
import type { StepFacts } from './step-table.js';
import { createUnfinishedWork } from './unfinished-work.js';

/** An iLO is away for a minute or two, some for longer. Milliseconds. */
const RESET_MS = 600_000;

const NAME = 'reset_ilo';

/** The address of a medium opens it to whoever knows it. */
interface InsertedMedium {
  readonly type: IloMediaType;
  readonly url: Secret;
}

/** What a reset may take away. */
interface Setup {
  readonly media: readonly InsertedMedium[];
  readonly bootsFromCdOnce: boolean;
}

interface Reset {
  /** What was there before it; undefined until all of it was read. */
  before?: Setup;
  isMade: boolean;
}

/**
 * Restarts the iLO, which takes all virtual media out; they are put back in, so that a machine that runs or starts from one goes on.
 * Source: Ironic, ironic/drivers/modules/ilo/management.py (reset_ilo).
 */
export function createResetIlo(): StepFacts {
  const unfinished = createUnfinishedWork<Reset>(() => ({ isMade: false }));
  return {
    name: NAME,
    automatic: 'reset_ilo',
    timeoutMs: RESET_MS,
    async run({ machine: { clock, logger, address }, call }) {
      await unfinished.run(clock, async (reset) => {
        const before = await resetOnce(call, reset);
        await restore(call, before, withFields(logger, { address, step: NAME }));
      });
      return 'done';
    },
  };
}

/** A run that is done anew resets only an iLO that does not show that it was reset. @returns what was there before the reset */
async function resetOnce({ client, options }: IloCall, reset: Reset): Promise<Setup> {
  const { before } = reset;
  if (before !== undefined) {
    await client.controller.waitUntilBack(options);
    reset.isMade ||= await isAnyOut(client, options, before.media);
  }
  const known = (reset.before ??= await readBefore(client, options));
  if (!reset.isMade) await client.controller.reset(options);
  reset.isMade = true;
  return known;
}

async function readBefore(client: IloClient, options: IloCall['options']): Promise<Setup> {
  const media = await client.virtualMedia.read(options);
  const { device, persistent } = await client.bootDevice.read(options);
  return {
    media: media.map(({ type, url }) => ({ type, url: new Secret(url) })),
    bootsFromCdOnce: device === 'cdrom' && persistent === false,
  };
}

async function isAnyOut(client: IloClient, options: IloCall['options'], media: readonly InsertedMedium[]): Promise<boolean> {
  const present = await client.virtualMedia.read(options);
  return media.some(({ type, url }) => !present.some((each) => each.type === type && each.url === url.reveal()));
}

async function restore({ client, options }: IloCall, { media, bootsFromCdOnce }: Setup, logger: Logger): Promise<void> {
  for (const { type, url } of media) {
    const address = URL.parse(url.reveal());
    if (address === null) logger.warn({ type }, 'A medium is not put back in: the iLO has not loaded it from an address');
    else await client.virtualMedia.insert(type, address, options);
  }
  // The choice of the next boot is the server's on some, the iLO's on others.
  if (bootsFromCdOnce && media.some(({ type }) => type === 'cdrom')) await client.virtualMedia.bootOnce(options);
}
