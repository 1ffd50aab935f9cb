// A tool as somebody would write it who has installed one driver and nothing else of Ferric.
import { FerricError } from '@ferric/core';
import { createWolDriver, wake, type WakeOptions, type WakeReport } from '@ferric/driver-wol';
import { startVirtualDevice, type VirtualWolDevice } from '@ferric/driver-wol/simulator';

interface Outcome {
  readonly node: string;
  readonly byFunction: { readonly bytes: readonly number[]; readonly power: string };
  readonly byDriver: { readonly status: string; readonly source: string; readonly power: string };
  readonly mistake: { readonly code: string; readonly retryable: boolean };
}

async function wakeByFunction(machine: VirtualWolDevice): Promise<Outcome['byFunction']> {
  const options: WakeOptions = { host: machine.host, ports: machine.port, secureOn: '192.168.1.1', repeat: 2, spacingMs: 0, timeoutMs: 5000 };
  const report: WakeReport = await wake(machine.ports.map((port) => port.address), options);
  await machine.settled();
  return { bytes: report.packets.map((packet) => packet.bytes), power: machine.state.power };
}

async function wakeByDriver(machine: VirtualWolDevice): Promise<Outcome['byDriver']> {
  await using driver = createWolDriver();
  await using device = driver.open(driver.driverInfo.parse(machine.driverInfo), { ports: machine.ports.map((port) => ({ ...port, pxeEnabled: true })) });
  const outcome = await device.power.set('power on', { signal: AbortSignal.timeout(5000) });
  await machine.settled();
  return { status: outcome.status, source: outcome.reading.source, power: machine.state.power };
}

async function makeMistake(): Promise<Outcome['mistake']> {
  try {
    await wake('not a MAC address');
    return { code: 'none', retryable: false };
  } catch (error) {
    if (!FerricError.is(error)) throw error;
    return { code: error.code, retryable: error.retryable };
  }
}

async function main(): Promise<void> {
  await using one = await startVirtualDevice({ macAddresses: ['52:54:00:cf:2d:31', '52:54:00:cf:2d:32'], secureOn: '192.168.1.1' });
  await using other = await startVirtualDevice();
  const outcome: Outcome = {
    node: process.versions.node,
    byFunction: await wakeByFunction(one),
    byDriver: await wakeByDriver(other),
    mistake: await makeMistake(),
  };
  console.log(JSON.stringify(outcome));
}

await main();
