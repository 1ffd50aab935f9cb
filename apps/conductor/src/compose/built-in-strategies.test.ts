import { DEFAULT_AGENT_STRATEGY_SETTINGS } from '@ferric/agent';
import { expect, test } from 'vitest';
import { configSchema } from '../config.js';
import { agentSettings, mediaSettings } from './built-in-strategies.js';

test('without a configuration the agent strategies have their own defaults', () => {
  expect(DEFAULT_AGENT_STRATEGY_SETTINGS).toMatchObject(agentSettings(configSchema.parse({})));
});

test('each setting of the agent strategies comes from its place in the configuration', () => {
  const config = configSchema.parse({
    agentPowerOffGraceMs: 7, agentSilenceProbeMs: 9, powerOffAfterDeployFailure: 'false', eraseDevicesPriority: '0', eraseDevicesMetadataPriority: 42, inspectionAddPorts: 'all',
  });
  expect(agentSettings(config)).toEqual({
    powerOffGraceMs: 7, silenceProbeMs: 9, powerOffAfterFailure: false, eraseDevicesPriority: 0, eraseDevicesMetadataPriority: 42, addPorts: 'all',
  });
});

test('each setting of virtual media comes from its place in the configuration', () => {
  const { boot, ...none } = mediaSettings(configSchema.parse({}));
  expect([none, boot.kernelAppendParams]).toEqual([{}, 'nofb vga=normal']);
  const config = configSchema.parse({ deployIso: 'http://h/deploy.iso', rescueIso: 'file:///rescue.iso', bootloader: 'http://h/esp.img', defaultBootMode: 'uefi' });
  expect(mediaSettings(config)).toMatchObject({ deployIso: 'http://h/deploy.iso', rescueIso: 'file:///rescue.iso', bootloader: 'http://h/esp.img', defaultBootMode: 'uefi' });
  expect(agentSettings(config)).toMatchObject({ defaultBootMode: 'uefi' });
});
