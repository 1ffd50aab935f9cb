import { fileURLToPath } from 'node:url';
import { forkShares } from '../child-processes.ts';
import type { PacingName } from './pacing.ts';

export interface MachinesSettings {
  readonly count: number;
  readonly conductorUrl: string;
  readonly pacing: PacingName;
}

/** What a node needs to know of its machine. */
export interface MachineFacts {
  readonly driverInfo: Readonly<Record<string, unknown>>;
  readonly mac: string;
}

/** Asks how many disks begin with these bytes. */
export interface MachinesOrder {
  readonly bytes: number;
  readonly sha256: string;
}

export type MachinesAnswer =
  | { readonly kind: 'ready'; readonly machines: readonly MachineFacts[] }
  | { readonly kind: 'counted'; readonly count: number };

/** Simulated machines in processes of their own: they need CPU time too, which must count neither as the conductor's nor slow the clock that measures. */
export interface Machines extends AsyncDisposable {
  readonly facts: readonly MachineFacts[];
  /** How many disks begin with the image. */
  countWritten(image: MachinesOrder): Promise<number>;
}

const PROGRAM = fileURLToPath(new URL('machines-process.ts', import.meta.url));

/** Spreads the machines over so many processes. */
export async function startMachines(settings: MachinesSettings, processes: number): Promise<Machines> {
  const shares = forkShares<MachinesAnswer>(PROGRAM, settings.count, processes, (count): MachinesSettings => ({ ...settings, count }));
  try {
    const started = await shares.ask('ready');
    return {
      facts: started.flatMap(({ machines }) => machines),
      async countWritten(image) {
        const counted = await shares.ask('counted', image);
        return counted.reduce((sum, { count }) => sum + count, 0);
      },
      [Symbol.asyncDispose]: () => shares[Symbol.asyncDispose](),
    };
  } catch (error) {
    await shares[Symbol.asyncDispose]();
    throw error;
  }
}
