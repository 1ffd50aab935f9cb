import type { CallOptions } from '@ferric/core';
import { CIM_SoftwareIdentity } from './classes/cim-hardware.js';
import { listInstances, unlessMissing } from './classes/class-calls.js';
import type { Wsman } from './wsman/wsman.js';

/** The generation of AMT, 12 for version 12.0.67; undefined when the device does not tell. */
export type ReadGeneration = (options?: CallOptions) => Promise<number | undefined>;

/** Item of CIM_SoftwareIdentity that is the firmware's own. Source: Intel AMT Implementation and Reference Guide, "Get Core Version". */
const FIRMWARE = 'AMT';

/** Makes a reader that asks the device once. */
export function createGenerationReader(wsman: Wsman): ReadGeneration {
  let known: { readonly generation: number | undefined } | undefined;
  return async (options) => {
    known ??= { generation: await readGeneration(wsman, options) };
    return known.generation;
  };
}

async function readGeneration(wsman: Wsman, options: CallOptions | undefined): Promise<number | undefined> {
  const identities = await unlessMissing(listInstances(wsman, CIM_SoftwareIdentity, options));
  const version = identities?.find(({ InstanceID }) => InstanceID === FIRMWARE)?.VersionString;
  const [, major] = /^(\d{1,3})\./.exec(version ?? '') ?? [];
  return major === undefined ? undefined : Number(major);
}
