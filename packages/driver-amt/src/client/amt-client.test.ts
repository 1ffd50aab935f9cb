import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { fixtureElement } from '../../test/classes/fixtures.js';
import { scriptedWsman } from '../../test/scripted-wsman.js';
import { composeAmtClient, createAmtClient } from './amt-client.js';

describe('an AMT client', () => {
  test('speaks to one device in all its groups of calls, by the clock that it was given', async () => {
    const device = scriptedWsman({
      'get CIM_Chassis': fixtureElement('recorded/cim/chassis/get.xml'),
      'get AMT_MessageLog': fixtureElement('recorded/amt/messagelog/get.xml'),
      'get IPS_OptInService': fixtureElement('recorded/ips/optin/get.xml'),
      'get AMT_SetupAndConfigurationService': fixtureElement('recorded/amt/setupandconfiguration/get.xml'),
      'get CIM_AssociatedPowerManagementService': fixtureElement('recorded/cim/associatedpower/managementservice/get.xml'),
      'get AMT_BootCapabilities': fixtureElement('recorded/amt/boot/capabilities/get.xml'),
      'invoke AMT_TimeSynchronizationService.GetLowAccuracyTimeSynch': fixtureElement('recorded/amt/timesynchronization/getlowaccuracytimesynch.xml'),
    });
    const client = composeAmtClient(device.wsman, { clock: createFakeClock(new Date(1704586800 * 1000)) });
    expect((await client.inventory.readChassis()).model).toBe('NUC9V7QNX');
    expect((await client.logs.readEventLogStatus()).capacity).toBe(390);
    expect((await client.consent.read()).required).toBe('none');
    expect((await client.settings.readControlMode()).mode).toBe('admin control');
    expect((await client.power.read()).state).toBe('power on');
    expect((await client.boot.capabilities()).ForcePXEBoot).toBe(true);
    expect((await client.clock.read()).aheadMs).toBe(65_000);
    expect(client.wsman).toBe(device.wsman);
  });

  test('closes its connection when it is disposed', async () => {
    const device = scriptedWsman({});
    {
      await using client = composeAmtClient(device.wsman);
      expect(client.wsman).toBe(device.wsman);
    }
    expect(device.disposals).toBe(1);
  });

  test('refuses settings that it cannot use, and sends nothing before the first call', async () => {
    expect(() => createAmtClient({ host: 'http://x', protocol: 'http', username: 'admin', password: 'hunter22' })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS' }),
    );
    await using client = createAmtClient({ host: '192.0.2.1', protocol: 'http', username: 'admin', password: 'hunter22' });
    expect(JSON.stringify(client)).not.toContain('hunter22');
  });
});
