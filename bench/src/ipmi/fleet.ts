import { fileURLToPath } from 'node:url';
import { forkShares } from '../child-processes.ts';

/** Of every BMC. */
export const BMC_USERNAME = 'admin';
export const BMC_PASSWORD = 'secret';

export interface FleetOrder {
  readonly count: number;
}

/** One BMC of the fleet, and the truth about its machine. */
export interface FleetBmc {
  readonly port: number;
  readonly health: 'well' | 'dead' | 'slow';
  readonly power: 'power on' | 'power off';
}

export type FleetAnswer = { readonly kind: 'ready'; readonly bmcs: readonly FleetBmc[] } | { readonly kind: 'sessions'; readonly count: number };

/** Simulated BMCs in processes of their own: their work must not count as that of the process that reads. */
export interface Fleet extends AsyncDisposable {
  readonly bmcs: readonly FleetBmc[];
  /** Sessions that are open at all BMCs together. */
  countSessions(): Promise<number>;
}

const PROGRAM = fileURLToPath(new URL('fleet-process.ts', import.meta.url));

export async function startFleet(count: number, processes: number): Promise<Fleet> {
  const shares = forkShares<FleetAnswer>(PROGRAM, count, processes, (share): FleetOrder => ({ count: share }));
  try {
    const started = await shares.ask('ready');
    return {
      bmcs: started.flatMap(({ bmcs }) => bmcs),
      async countSessions() {
        const counted = await shares.ask('sessions', 'sessions');
        return counted.reduce((sum, { count: sessions }) => sum + sessions, 0);
      },
      [Symbol.asyncDispose]: () => shares[Symbol.asyncDispose](),
    };
  } catch (error) {
    await shares[Symbol.asyncDispose]();
    throw error;
  }
}
