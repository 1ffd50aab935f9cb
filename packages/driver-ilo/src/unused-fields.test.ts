import { expect, test } from 'vitest';
import { createIloBench } from '../test/ilo-bench.js';

test('fields of SNMP are warned of once for each machine, without their secrets', async () => {
  const fields = { snmp_auth_user: 'monitor', snmp_auth_prot_password: 'Planted-snmp-1', console_port: 5000 };
  await using bench = createIloBench('ilo', fields);
  await bench.device.power.read();
  await bench.open().power.read();
  await bench.open({ ilo_address: '192.0.2.11' }).power.read();
  const warnings = bench.host.logger.at('warn');
  expect(warnings.map(({ fields: about }) => [about['address'], about['fields']])).toEqual(
    ['192.0.2.10:443', '192.0.2.11:443'].map((address) => [address, ['snmp_auth_user', 'snmp_auth_prot_password']]),
  );
  expect(JSON.stringify(warnings)).not.toContain('Planted');
});

test('the port of a console alone is not worth a warning', async () => {
  await using bench = createIloBench('ilo', { console_port: 5000 });
  await bench.device.power.read();
  expect(bench.host.logger.at('warn')).toEqual([]);
});
