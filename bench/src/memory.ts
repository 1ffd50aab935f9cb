import type { ConductorProcess } from './conductor-process.ts';

/** Resident memory of a conductor, looked at again and again until it is disposed. */
export interface MemorySamples extends Disposable {
  /** The highest value so far. MiB. */
  readonly peakMiB: number;
}

export function sampleMemory(conductor: Pick<ConductorProcess, 'residentMiB'>, everyMs: number): MemorySamples {
  let peakMiB = 0;
  const sample = async (): Promise<void> => {
    const value = await conductor.residentMiB();
    if (value > peakMiB) peakMiB = value;
  };
  // What cannot be read belongs to a process that has just ended.
  const timer = setInterval(() => void sample().catch(() => undefined), everyMs);
  return {
    get peakMiB() {
      return peakMiB;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
