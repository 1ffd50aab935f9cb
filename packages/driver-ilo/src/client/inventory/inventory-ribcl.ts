import { type BootModeName, errorCode } from '@ferric/core';
import type { IloInventoryReport, IloNetworkPort } from '../ilo-client.js';
import type { RibclCall } from '../operations/perform.js';
import { type HealthNetworkPort, readEmbeddedHealth, readInventory, readProductName, readSupportedBootModes, type RibclElement } from '../ribcl/index.js';
import { childrenOf, valueAt } from '../ribcl/wire/element.js';
import { capabilitiesOf } from './capabilities.js';
import { NO_FACTS } from './hardware-facts.js';

/** By the health report, the product name and the supported boot modes. */
export async function readRibclInventory({ run }: RibclCall): Promise<IloInventoryReport> {
  const model = (await run(readProductName())).trim();
  const report = await run(readEmbeddedHealth());
  const { memoryMegabytes, cpus, cpuArchitecture, localGigabytes, networkPorts, firmware, iloFirmwareVersion, romFirmwareVersion, gpuDevices } = readInventory(report);
  const bootModes = await run(readSupportedBootModes()).catch((error: unknown): readonly BootModeName[] => {
    // Firmware without a word for it runs on hardware without a choice.
    if (errorCode(error) === 'UNSUPPORTED') return ['bios'];
    throw error;
  });
  const ports = numbered(networkPorts);
  return {
    vendor: 'HP',
    model,
    ...(cpus === null ? {} : { cpus }),
    ...(memoryMegabytes === null ? {} : { memoryMegabytes }),
    cpuArchitecture,
    macAddresses: ports.map(({ macAddress }) => macAddress),
    localGigabytes,
    ports,
    capabilities: capabilitiesOf({
      ...NO_FACTS,
      model,
      bootModes,
      gpuCount: gpuDevices,
      cardNames: cardNames(report),
      ...(iloFirmwareVersion === null ? {} : { iloFirmware: iloFirmwareVersion }),
      ...(romFirmwareVersion === null ? {} : { romFirmware: romFirmwareVersion }),
    }),
    raw: { firmware },
  };
}

/** Ports of several cards count from 1 each. */
function numbered(ports: readonly HealthNetworkPort[]): readonly IloNetworkPort[] {
  return ports.map(({ port, macAddress }, index) => ({ name: port === '' ? `Port ${index + 1}` : port, macAddress }));
}

/** Where the report names the network cards: at their ports, or in the list of firmware. */
function cardNames(report: RibclElement): readonly string[] {
  const ports = childrenOf(report, 'NIC_INFORMATION', 'NIC_INFOMATION').flatMap((container) => container.children).map((card) => valueAt(card, 'PORT_DESCRIPTION'));
  const firmware = childrenOf(report, 'FIRMWARE_INFORMATION').flatMap((list) => list.children).map((item) => valueAt(item, 'FIRMWARE_NAME'));
  return [...ports, ...firmware.filter((name) => /ethernet|adapter|nic\b/i.test(name ?? ''))].filter((name) => name !== undefined);
}
