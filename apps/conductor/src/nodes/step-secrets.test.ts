import { maskSealed, MASK, revealSealed } from '@ferric/core';
import { expect, test } from 'vitest';
import type { PlannedStep } from '../workflows/node-steps.js';
import { planDocument } from '../workflows/step-plan.js';
import { sealSteps } from './step-secrets.js';

const step = (settings: unknown) => [{ interface: 'bios', step: 'apply_configuration', args: { settings } }];

test('a firmware password is sealed, and nothing else', () => {
  const given = step([{ name: 'SetupPassword', value: 'correct horse' }, { name: 'NetworkBoot', value: true }, { name: 'OldPassword', value: null }, 'x', null]) as never;
  const sealed = sealSteps(given);
  expect(maskSealed(sealed)).toEqual(
    step([{ name: 'SetupPassword', value: MASK }, { name: 'NetworkBoot', value: true }, { name: 'OldPassword', value: null }, 'x', null]),
  );
  expect(revealSealed(sealed)).toEqual(given);
});

test('what a key says is a secret is sealed as everywhere, and a value that is a document whole', () => {
  const given = [{ args: { license_token: 'abc', pair: { name: 'admin_password', value: { new: 'x' } } } }];
  expect(maskSealed(sealSteps(given))).toEqual([{ args: { license_token: MASK, pair: { name: 'admin_password', value: MASK } } }]);
  expect(revealSealed(sealSteps(given))).toEqual(given);
});

test('the plan of a deployment shows none either', () => {
  const planned: PlannedStep = {
    step: { interface: 'bios', name: 'apply_configuration', priority: 90, abortable: true, arguments: {}, run: async () => ({ next: 'done' }) },
    args: { settings: [{ name: 'SetupPassword', value: 'correct horse' }] },
  };
  expect(planDocument([planned])).toMatchObject([{ step: 'apply_configuration', args: { settings: [{ name: 'SetupPassword', value: MASK }] } }]);
});
