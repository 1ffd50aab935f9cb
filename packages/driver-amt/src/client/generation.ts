import type { CallOptions, Clock } from '@ferric/core';
import { CIM_SoftwareIdentity } from './classes/cim-hardware.js';
import { listInstances, unlessMissing } from './classes/class-calls.js';
import { createKept } from './kept.js';
import type { Wsman } from './wsman/wsman.js';

/** The generation of AMT, 12 for version 12.0.67; undefined when the device does not tell. */
export type ReadGeneration = (options?: CallOptions) => Promise<number | undefined>;

/** Item of CIM_SoftwareIdentity that is the firmware's own. Source: Intel AMT Implementation and Reference Guide, "Get Core Version". */
const FIRMWARE = 'AMT';

/** Makes a reader that asks the device once an hour. */
export function createGenerationReader(wsman: Wsman, clock: Clock): ReadGeneration {
  const kept = createKept<{ readonly generation: number | undefined }>(clock);
  return async (options) => {
    const known = kept.read();
    if (known !== undefined) return known.generation;
    const generation = await readGeneration(wsman, options);
    kept.keep({ generation });
    return generation;
  };
}

async function readGeneration(wsman: Wsman, options: CallOptions | undefined): Promise<number | undefined> {
  const identities = await unlessMissing(listInstances(wsman, CIM_SoftwareIdentity, options));
  const version = identities?.find(({ InstanceID }) => InstanceID === FIRMWARE)?.VersionString;
  const [, major] = /^(\d{1,3})\./.exec(version ?? '') ?? [];
  return major === undefined ? undefined : Number(major);
}
