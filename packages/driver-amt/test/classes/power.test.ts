import { expect, test } from 'vitest';
import {
  CIM_AssociatedPowerManagementService, CIM_PowerManagementCapabilities, CIM_PowerManagementService, IPS_PowerManagementService,
} from '../../src/client/classes/cim-power.js';
import { readReturnValue } from '../../src/client/classes/return-value.js';
import { expectContext, expectInstance, expectItems, fixtureElement } from './fixtures.js';

const service = {
  ElementName: 'Intel(r) AMT Power Management Service',
  EnabledState: 'not applicable',
  Name: 'Intel(r) AMT Power Management Service',
  RequestedState: 'not applicable',
  SystemCreationClassName: 'CIM_ComputerSystem',
  SystemName: 'Intel(r) AMT',
};

const machineThatIsOn = {
  AvailableRequestedPowerStates: [10, 8, 5, 11, 4, 7, 14, 12],
  PowerState: 2,
  ServiceProvided: {
    resource: 'CIM_PowerManagementService',
    selectors: {
      CreationClassName: 'CIM_PowerManagementService',
      Name: 'Intel(r) AMT Power Management Service',
      SystemCreationClassName: 'CIM_ComputerSystem',
      SystemName: 'Intel(r) AMT',
    },
  },
  UserOfService: { resource: 'CIM_ComputerSystem', selectors: { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } },
};

test('the power state, by Get', () => {
  expectInstance('recorded/cim/associatedpower/managementservice/get.xml', CIM_AssociatedPowerManagementService, machineThatIsOn);
  expectContext('recorded/cim/associatedpower/managementservice/enumerate.xml', '5E1A0000-0000-0000-0000-000000000000');
});

test('the power state, by an enumeration of the class above', () => {
  expectContext('recorded/cim/service/availabletoelement/enumerate.xml', 'DD020000-0000-0000-0000-000000000000');
  expectItems('recorded/cim/service/availabletoelement/pull.xml', CIM_AssociatedPowerManagementService, [machineThatIsOn]);
});

test('what the machine can ever be asked for', () => {
  expectInstance('recorded/cim/power/capabilities/get.xml', CIM_PowerManagementCapabilities, {
    ElementName: 'Power Management Capabilities',
    InstanceID: 'Intel(r) AMT:PowerManagementCapabilities 0',
    OtherPowerChangeCapabilities: [],
    PowerChangeCapabilities: [
      'power saving modes entered automatically', 'power state settable', 'power cycling supported', 'hardware reset supported',
      'graceful shutdown supported',
    ],
    PowerStatesSupported: [5, 8, 2, 10, 11, 12, 14],
    RequestedPowerStatesSupported: [5, 8, 2, 10, 11, 12, 14],
  });
});

test('the service that changes it', () => {
  expectContext('recorded/cim/power/managementservice/enumerate.xml', 'DB020000-0000-0000-0000-000000000000');
  expectInstance('recorded/cim/power/managementservice/get.xml', CIM_PowerManagementService, { ...service, CreationClassName: 'CIM_PowerManagementService' });
  expect(readReturnValue('RequestPowerStateChange', fixtureElement('recorded/cim/power/managementservice/requestpowerstatechange.xml'))).toBe(0);
});

test('the service that wakes an operating system from its light sleep', () => {
  expectInstance('recorded/ips/power/managementservice/get.xml', IPS_PowerManagementService, {
    ...service,
    CreationClassName: 'IPS_PowerManagementService',
    OSPowerSavingState: 'full power',
  });
  const output = fixtureElement('recorded/ips/power/managementservice/requestospowersavingstatechange.xml');
  expect(readReturnValue('RequestOSPowerSavingStateChange', output)).toBe(0);
});
