import { expect, test } from 'vitest';
import { createFakeBmc } from '../test/fake-bmc.js';
import { makeMachine } from '../test/make-machine.js';
import { createIpmiNmi } from './ipmi-nmi.js';

test('a machine that is on is interrupted once', async () => {
  const bmc = createFakeBmc();
  bmc.power = 'on';
  await createIpmiNmi(makeMachine(bmc)).inject();
  expect(bmc.changes).toEqual(['00/02 04']);
});

test('also when the answer is lost', async () => {
  const bmc = createFakeBmc();
  bmc.power = 'on';
  bmc.fates.set('00/02', ['answer lost']);
  await expect(createIpmiNmi(makeMachine(bmc)).inject()).rejects.toMatchObject({ code: 'TIMEOUT' });
  expect(bmc.changes).toEqual(['00/02 04']);
  expect(bmc.options.at(-1)).toMatchObject({ repeatable: false });
});

test('a machine that is off is not', async () => {
  const bmc = createFakeBmc();
  await expect(createIpmiNmi(makeMachine(bmc)).inject()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(bmc.changes).toEqual([]);
});
