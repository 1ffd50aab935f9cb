import { type BootDeviceSetting, FerricError } from '@ferric/core';
import type { IloBootDeviceName } from '../ilo-client.js';
import type { RibclCall } from '../operations/perform.js';
import {
  bootDeviceKind, bootDevicesOfKind, type RibclBootDeviceKind, type RibclBootOrder, readOneTimeBoot, readPersistentBoot, setOneTimeBoot, setPersistentBoot,
} from '../ribcl/index.js';

interface RibclDevice {
  readonly word: string;
  readonly kind: RibclBootDeviceKind;
}

/** Source: HPE iLO 4 Scripting and Command Line Guide, SET_ONE_TIME_BOOT and SET_PERSISTENT_BOOT. */
const DEVICES: Readonly<Partial<Record<IloBootDeviceName, RibclDevice>>> = {
  pxe: { word: 'NETWORK', kind: 'network' },
  disk: { word: 'HDD', kind: 'disk' },
  cdrom: { word: 'CDROM', kind: 'cdrom' },
};
export const RIBCL_BOOT_DEVICES: readonly IloBootDeviceName[] = ['pxe', 'disk', 'cdrom'];
const NOTHING_SET = 'NORMAL';

/** The one-time device when one is set, else the first of the order. */
export async function readRibclBootDevice({ run }: RibclCall): Promise<BootDeviceSetting> {
  const oneTime = await run(readOneTimeBoot());
  if (oneTime !== NOTHING_SET) return setting(bootDeviceKind(oneTime), false, oneTime);
  const [first] = (await run(readPersistentBoot())).devices;
  if (first === undefined) return { device: null, persistent: null, detail: 'the boot order is empty' };
  return setting(first.kind, true, first.description ?? first.id);
}

export async function setRibclBootDevice(call: RibclCall, device: IloBootDeviceName, persistent: boolean): Promise<void> {
  const wanted = DEVICES[device];
  if (wanted === undefined) {
    throw new FerricError('UNSUPPORTED', `RIBCL cannot set ${device} as the boot device`, { hint: `It takes ${RIBCL_BOOT_DEVICES.join(', ')}.` });
  }
  if (persistent) return setOrder(call, wanted);
  if ((await call.run(readOneTimeBoot())) !== wanted.word) await call.run(setOneTimeBoot(wanted.word));
}

async function setOrder({ run }: RibclCall, { kind, word }: RibclDevice): Promise<void> {
  const order = await run(readPersistentBoot());
  if (order.devices[0]?.kind !== kind) await run(setPersistentBoot(reordered(order, kind, word)));
  // A device for one boot would still come first.
  if ((await run(readOneTimeBoot())) !== NOTHING_SET) await run(setOneTimeBoot(NOTHING_SET));
}

/** All entries, those of the kind first. @throws UNSUPPORTED when there is none, in UEFI mode */
export function reordered(order: RibclBootOrder, kind: RibclBootDeviceKind, word: string): readonly string[] {
  const first = bootDevicesOfKind(order, kind);
  if (first.length === 0 && order.mode === 'uefi') {
    throw new FerricError('UNSUPPORTED', `The boot order of the server has no entry for ${word}`, {
      details: { devices: order.devices.map(({ id, description }) => description ?? id) },
      hint: 'In UEFI mode a device gets an entry with the next start of the server after it was put in.',
    });
  }
  const head = first.length === 0 ? [word] : first;
  return [...head, ...order.devices.map(({ id }) => id).filter((id) => !head.includes(id))];
}

function setting(kind: RibclBootDeviceKind, persistent: boolean, text: string): BootDeviceSetting {
  const device = RIBCL_BOOT_DEVICES.find((name) => DEVICES[name]?.kind === kind) ?? null;
  return { device, persistent, ...(device === null ? { detail: `set to ${text}` } : {}) };
}
