import { FerricError, printValue, type BootDevice, type BootDeviceName, type BootDeviceSetting } from '@ferric/core';
import { bootDeviceOfClass, BOOT_CLASSES, bootOnceMark, isPending, lastingBootOrder, readBootOnce } from './boot-once.js';
import { changeDefinition, readLive } from './definition.js';
import { bootsKernel, firstBootClass, formatBootOrder, setBootOrder, withBootClassFirst, type BootClass } from './domain-xml/boot-order.js';
import type { XmlDocument } from './domain-xml/document.js';
import { setMarks } from './domain-xml/marks.js';
import { runningId, type Machine, type MachineCall } from './libvirt-machine.js';

/** A few exchanges, and the domain may have to be found first. Milliseconds. */
const CALL_MS = 30_000;

/**
 * What one domain boots from. A change is one of the definition, which counts when the machine is next switched on: a machine that runs,
 * and reboots from inside, keeps the order it was started with.
 */
export function createLibvirtBootDevice(machine: Machine): BootDevice {
  const supported: ReadonlySet<BootDeviceName> = new Set(BOOT_CLASSES.keys());
  return {
    supported,
    read: (options) => machine.perform({ what: 'read boot device', timeoutMs: CALL_MS }, options, readSetting),
    async set(device, { persistent }, options) {
      const bootClass = BOOT_CLASSES.get(device);
      if (bootClass === undefined) throw unsupportedDevice(device);
      await machine.perform({ what: 'set boot device', timeoutMs: CALL_MS }, options, (call) => choose(call, device, bootClass, persistent));
    },
  };
}

async function readSetting(call: MachineCall): Promise<BootDeviceSetting> {
  const { domain, document } = await call.locate();
  if (bootsKernel(document)) return { device: null, persistent: null, detail: 'The domain boots a kernel that its definition names, and no device' };
  const id = await runningId(call, domain);
  const setting = settingOf(document, id);
  if (id === -1) return setting;
  const live = bootDeviceOfClass(firstBootClass(await readLive(call, domain)));
  return live === setting.device ? setting : { ...setting, detail: waiting(setting, live) };
}

function settingOf(document: XmlDocument, id: number): BootDeviceSetting {
  const once = readBootOnce(document);
  if (once !== undefined && isPending(once, id)) return { device: once.device, persistent: false };
  return { device: bootDeviceOfClass(firstBootClass(document, lastingBootOrder(document))), persistent: true };
}

function waiting({ persistent }: BootDeviceSetting, live: BootDeviceName | null): string {
  const counts = `Counts ${persistent === false ? 'once, ' : ''}when the machine is next switched on ('power off' and 'power on', or 'rebooting')`;
  const present = live === null ? 'from what it was started with' : `from ${live}`;
  return `${counts}; until then it boots ${present}, also when its system reboots`;
}

async function choose(call: MachineCall, device: BootDeviceName, bootClass: BootClass, persistent: boolean): Promise<void> {
  await changeDefinition(call, async ({ domain, document }) => {
    if (bootsKernel(document)) throw bootsKernelAlways(call, domain.name);
    const lasting = lastingBootOrder(document);
    const wanted = withBootClassFirst(document, lasting, bootClass);
    if (persistent) return [...setBootOrder(document, wanted), ...setMarks(document, { 'boot-once': null })];
    const id = await runningId(call, domain);
    const once = readBootOnce(document);
    if (once !== undefined && once.device === device && isPending(once, id)) return [];
    return [...setBootOrder(document, wanted), ...setMarks(document, { 'boot-once': bootOnceMark(device, id, formatBootOrder(lasting)) })];
  });
}

function bootsKernelAlways(call: MachineCall, name: string): FerricError {
  return new FerricError('CONFLICT', `The domain ${name} boots a kernel that its definition names, whatever its boot order says`, {
    details: { ...call.details, domain: name, step: 'set boot device' },
    hint: 'Remove kernel, initrd and cmdline from its definition.',
  });
}

function unsupportedDevice(device: unknown): FerricError {
  const accepted = [...BOOT_CLASSES.keys()];
  return new FerricError('UNSUPPORTED', `A domain cannot boot from ${printValue(device)}`, {
    details: { field: 'device', received: printValue(device), accepted },
    hint: `Use one of: ${accepted.join(', ')}.`,
  });
}
