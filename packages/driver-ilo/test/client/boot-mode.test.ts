import { expect, test } from 'vitest';
import { failure, startBench } from './bench.js';
import { answer, meddle } from './meddle.js';

test.each(['gen9', 'gen10', 'gen11'] as const)('%s: a server whose BIOS is not shown at the moment is not one from before UEFI', async (generation) => {
  const { ilo, client } = await startBench({ generation, behaviour: { ribcl: false } });
  await client.power.read();
  meddle((request, response) => /bios/i.test(request.url ?? '') && answer(request, response, 404, '{}'));
  expect((await failure(client.bootMode.read())).code).toBe('UNSUPPORTED');
  expect((await failure(client.bootMode.set('bios'))).code).toBe('UNSUPPORTED');
  expect(ilo.activity.changeCommands).toBe(0);
});

test('gen10: RIBCL has no say in it', async () => {
  const { client } = await startBench({ generation: 'gen10', absentBiosAttributes: ['BootMode'], bootModes: 'uefi' });
  const modes = await client.bootMode.read().then(({ current }) => current, () => 'unknown');
  expect(modes).not.toBe('bios');
});

test.each(['1.51', '2.55'])('gen8 with iLO 4 %s: a server that has no word for it boots as it always has', async (firmwareVersion) => {
  const { ilo, client } = await startBench({ generation: 'gen8', firmwareVersion, bootModes: 'bios' });
  expect(await client.bootMode.read()).toEqual({ current: 'bios', pending: 'bios', supported: ['bios'] });
  await client.bootMode.set('bios');
  expect((await failure(client.bootMode.set('uefi'))).code).toBe('UNSUPPORTED');
  expect(ilo.activity.changeCommands).toBe(0);
});
