import { expect, test } from 'vitest';
import { IPS_OptInService } from '../../src/client/classes/consent-classes.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { expectInstance, fixtureElement } from './fixtures.js';

test('the service of the consent', () => {
  expectInstance('recorded/ips/optin/get.xml', IPS_OptInService, {
    CanModifyOptInPolicy: true,
    CreationClassName: 'IPS_OptInService',
    ElementName: 'Intel(r) AMT OptIn Service',
    Name: 'Intel(r) AMT OptIn Service',
    OptInCodeTimeout: 120,
    OptInDisplayTimeout: 300,
    OptInRequired: 'none',
    OptInState: 'not started',
    SystemCreationClassName: 'CIM_ComputerSystem',
    SystemName: 'Intel(r) AMT',
  });
});

test('its methods, in the wrong state', () => {
  expect(readReturnValue('StartOptIn', fixtureElement('recorded/ips/optin/startoptin.xml'))).toBe(2);
  expect(readReturnValue('SendOptInCode', fixtureElement('recorded/ips/optin/sendoptincode.xml'))).toBe(2);
  expect(readReturnValue('CancelOptIn', fixtureElement('recorded/ips/optin/canceloptin.xml'))).toBe(2);
});
