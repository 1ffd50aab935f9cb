import { createAgentClient, createAgentStrategies, type AgentStrategySettings } from '@ferric/agent';
import { CONTRACT } from '@ferric/core';
import { createIpxeBoot, type BootSettings } from '@ferric/ipxe-config';
import { createUefiHttpsBoot, createVirtualMediaBoot, type VirtualMediaSettings } from '@ferric/virtual-media';
import type { ConductorConfig } from '../config.js';
import { createFlatNetwork } from '../networks/flat-network.js';
import { SOFTWARE_VERSION } from '../software-version.js';
import type { LoadedPlugin } from './load-plugins.js';

/** The settings of network boot, as the configuration names them. */
export function bootSettings(config: ConductorConfig): BootSettings {
  const { deployKernel, deployRamdisk, rescueKernel, rescueRamdisk } = config;
  return {
    ...(deployKernel === undefined ? {} : { deployKernel }),
    ...(deployRamdisk === undefined ? {} : { deployRamdisk }),
    ...(rescueKernel === undefined ? {} : { rescueKernel }),
    ...(rescueRamdisk === undefined ? {} : { rescueRamdisk }),
    kernelAppendParams: config.kernelAppendParams,
    attempts: config.bootAttempts,
    fileTimeoutMs: config.bootFileTimeoutMs,
    allowShell: config.allowBootShell,
    localBootExitCode: config.localBootExitCode,
  };
}

/** The settings of boots by virtual media and over HTTPS, as the configuration names them. */
export function mediaSettings(config: ConductorConfig): VirtualMediaSettings {
  const { deployIso, rescueIso, bootloader, defaultBootMode } = config;
  return {
    boot: bootSettings(config),
    ...(deployIso === undefined ? {} : { deployIso }),
    ...(rescueIso === undefined ? {} : { rescueIso }),
    ...(bootloader === undefined ? {} : { bootloader }),
    ...(defaultBootMode === undefined ? {} : { defaultBootMode }),
  };
}

/** The settings of what the deploy agent does, as the configuration names them. */
export function agentSettings(config: ConductorConfig): Omit<Partial<AgentStrategySettings>, 'connect'> {
  return {
    powerOffGraceMs: config.agentPowerOffGraceMs,
    silenceProbeMs: config.agentSilenceProbeMs,
    powerOffAfterFailure: config.powerOffAfterDeployFailure,
    eraseDevicesPriority: config.eraseDevicesPriority,
    eraseDevicesMetadataPriority: config.eraseDevicesMetadataPriority,
    addPorts: config.inspectionAddPorts,
    ...(config.defaultBootMode === undefined ? {} : { defaultBootMode: config.defaultBootMode }),
  };
}

/** The strategies that every conductor has: boot by network, by virtual media and over HTTPS, what the deploy agent does, and the flat network. They come before those of the installed packages. */
export function builtInStrategies(config: ConductorConfig): LoadedPlugin {
  return {
    packageName: '@ferric/conductor',
    version: SOFTWARE_VERSION,
    plugin: {
      contract: CONTRACT,
      create({ transcript }) {
        const boot = (['ipxe', 'pxe'] as const).map((name) => createIpxeBoot({ name, settings: bootSettings(config) }));
        const connect: AgentStrategySettings['connect'] = (connection) =>
          createAgentClient({ attempts: config.agentCommandAttempts, ...connection, ...(transcript === undefined ? {} : { transcript }) });
        const media = [createVirtualMediaBoot, createUefiHttpsBoot].map((create) => create(mediaSettings(config)));
        return { hardwareTypes: [], drivers: [], strategies: [...boot, ...media, ...createAgentStrategies({ ...agentSettings(config), connect }), createFlatNetwork()] };
      },
    },
  };
}
