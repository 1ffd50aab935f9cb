import type { VirtualDevice, VirtualDeviceOptions } from '@ferric/core';
import { startVirtualDevice as startIpmiDevice } from '@ferric/driver-ipmi/simulator';
import { DEFAULT_SDR, type BmcOptions, type VirtualBmc } from '@ferric/ipmi-raw-buffer/simulator';
import { createVirtualNodeManager, discoveryRecord, type VirtualNodeManager, type VirtualNodeManagerOptions } from './virtual-node-manager.js';

export interface VirtualNmDeviceOptions extends VirtualDeviceOptions {
  /** Everything else that can be set of the BMC. */
  readonly bmc?: Omit<BmcOptions, 'name' | 'host' | 'controllers'>;
  /** Everything that can be set of the Node Manager; null: the machine has none. */
  readonly nodeManager?: VirtualNodeManagerOptions | null;
}

/** A machine with a BMC and a Node Manager. */
export interface VirtualNmDevice extends VirtualDevice {
  readonly bmc: VirtualBmc;
  readonly nodeManager: VirtualNodeManager;
  /** How the BMC is reached by a client of `@ferric/ipmi-raw-buffer`; made up, so in clear. */
  readonly access: { readonly host: string; readonly port: number; readonly username: string; readonly password: string };
}

/**
 * Starts a machine with a BMC on a free UDP port of 127.0.0.1, and a Node Manager behind it that the BMC's records tell of.
 * @throws INVALID_OPTIONS for options that the BMC does not take
 */
export async function startVirtualDevice(options: VirtualNmDeviceOptions = {}): Promise<VirtualNmDevice> {
  const { nodeManager: wanted = {}, bmc = {}, ...common } = options;
  const { sdr = DEFAULT_SDR, ...settings } = bmc;
  const nodeManager = createVirtualNodeManager(wanted ?? {});
  const device = await startIpmiDevice({
    ...common,
    hardwareType: 'staging-nm',
    bmc:
      wanted === null
        ? { ...settings, sdr }
        : { ...settings, sdr: [...sdr, discoveryRecord(nodeManager)], controllers: { [nodeManager.slaveAddress]: nodeManager } },
  });
  const { ipmi_username: username = '', ipmi_password: password = '' } = device.driverInfo;
  return {
    ...device,
    nodeManager,
    access: { host: device.bmc.host, port: device.bmc.port, username: String(username), password: String(password) },
    activity: activityOf(device.activity, nodeManager),
  };
}

/** What the BMC counts, and besides the changes of its Node Manager: to the BMC those are requests that it passes on. */
function activityOf(ofBmc: VirtualDevice['activity'], nodeManager: VirtualNodeManager): VirtualDevice['activity'] {
  return {
    get openConnections() {
      return ofBmc.openConnections;
    },
    get mostConcurrentExchanges() {
      return ofBmc.mostConcurrentExchanges;
    },
    get changeCommands() {
      return ofBmc.changeCommands + nodeManager.changeCommands;
    },
    get authenticationAttempts() {
      return ofBmc.authenticationAttempts;
    },
  };
}
