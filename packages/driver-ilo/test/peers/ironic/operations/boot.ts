import { type NodeUnderTest, setState } from '../node-under-test.js';
import { bootOnce, type Operations } from './operation.js';

async function bootDevice({ ironic: { api }, uuid }: NodeUnderTest): Promise<readonly unknown[]> {
  const { boot_device: device, persistent } = await api.ask('GET', `/v1/nodes/${uuid}/management/boot_device`);
  return [device, persistent];
}

async function setBootDevice({ ironic: { api }, uuid }: NodeUnderTest, device: string, persistent: boolean): Promise<void> {
  await api.ask('PUT', `/v1/nodes/${uuid}/management/boot_device`, { boot_device: device, persistent });
}

/** Sets a device and starts the machine: what Ironic reads back, what was booted, and what Ironic reads then. */
async function tryBootDevice(node: NodeUnderTest, device: string, persistent: boolean): Promise<unknown> {
  await setBootDevice(node, device, persistent);
  const before = await bootDevice(node);
  const { source: booted } = await bootOnce(node);
  return { before, booted, after: await bootDevice(node) };
}

/** Sets the mode that it is not in, and starts the machine: its own mode before and after that. */
async function tryOtherMode(node: NodeUnderTest): Promise<unknown> {
  const { bios } = node.ilo.machine;
  const before = bios.mode;
  await setState(node, 'boot_mode', { target: before === 'bios' ? 'uefi' : 'bios' });
  const meanwhile = bios.mode;
  await bootOnce(node);
  return [before, meanwhile, bios.mode];
}

/** Sets it, and starts the machine: its own state before and after that. */
async function trySecureBoot(node: NodeUnderTest, target: boolean): Promise<unknown> {
  await setState(node, 'secure_boot', { target });
  const before = node.ilo.machine.secureBoot?.isOn;
  await bootOnce(node);
  return [before, node.ilo.machine.secureBoot?.isOn];
}

export const BOOT: Operations = {
  'supported boot devices': async ({ ironic: { api }, uuid }) =>
    (await api.ask('GET', `/v1/nodes/${uuid}/management/boot_device/supported`))['supported_boot_devices'],
  'get boot device': bootDevice,
  'boot from the network once': (node) => tryBootDevice(node, 'pxe', false),
  'boot from the network always': (node) => tryBootDevice(node, 'pxe', true),
  'boot from the disk once': (node) => tryBootDevice(node, 'disk', false),
  'boot from the disk always': (node) => tryBootDevice(node, 'disk', true),
  'boot from a device that it does not know': (node) => setBootDevice(node, 'bios', false),
  'boot from iSCSI': (node) => setBootDevice(node, 'iscsiboot', true),
  'boot in the other mode': tryOtherMode,
  'boot in the first mode': tryOtherMode,
  'secure boot on': (node) => trySecureBoot(node, true),
  'secure boot off': (node) => trySecureBoot(node, false),
};
