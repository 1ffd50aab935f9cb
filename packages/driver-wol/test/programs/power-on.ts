// Powers a node on with the driver. The first argument is JSON { driverInfo, macs }; prints the report or the error as JSON.
import { FerricError } from '@ferric/core';
import { createWolDriver } from '@ferric/driver-wol';

const { driverInfo, macs } = JSON.parse(process.argv[2] ?? '{}') as { readonly driverInfo: unknown; readonly macs: readonly string[] };
await using driver = createWolDriver();
try {
  await using device = driver.open(driver.driverInfo.parse(driverInfo), { ports: macs.map((address) => ({ address, pxeEnabled: true })) });
  const outcome = await device.power.set('power on');
  process.stdout.write(JSON.stringify({ report: outcome.report }));
} catch (error) {
  if (!FerricError.is(error)) throw error;
  process.stdout.write(JSON.stringify({ error: error.toJSON() }));
}
