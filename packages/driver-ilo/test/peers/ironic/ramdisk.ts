import type { VirtualIlo } from '../../../src/simulator/index.js';
import { type Booted, type StandInAgent, startAgent } from './agent.js';
import type { IronicApi } from './ironic-api.js';

/** Runs an agent whenever a machine has booted its deploy ISO, until it goes off or starts anew. */
export interface Ramdisk extends AsyncDisposable {
  /** Every agent since the last call. */
  takeAgents(): readonly StandInAgent[];
}

export function watchRamdisk(ilo: VirtualIlo, api: IronicApi, deployIso: string, booted: Omit<Booted, 'floppyImage'>): Ramdisk {
  const agents: StandInAgent[] = [];
  let latest: Promise<StandInAgent | undefined> = Promise.resolve(undefined);
  const stop = (): Promise<void> => latest.then(async (agent) => agent?.[Symbol.asyncDispose]());
  const start = (floppyImage: string | undefined): Promise<StandInAgent | undefined> =>
    startAgent(api, { ...booted, floppyImage }).then(
      (agent) => {
        agents.push(agent);
        return agent;
      },
      // The conductor gave a step up and took the floppy away while the machine started for it. Without an agent that is waited for, the wait fails.
      () => undefined,
    );
  const boots = ilo.machine.boot.watch(({ image, floppyImage }) => {
    if (image !== deployIso) return;
    latest = stop().then(() => start(floppyImage));
  });
  const power = ilo.machine.power.watch((change) => {
    if (change === 'on') return;
    const ending = stop();
    latest = ending.then(() => undefined);
  });
  return {
    takeAgents: () => agents.splice(0),
    async [Symbol.asyncDispose]() {
      boots[Symbol.dispose]();
      power[Symbol.dispose]();
      await stop();
    },
  };
}
