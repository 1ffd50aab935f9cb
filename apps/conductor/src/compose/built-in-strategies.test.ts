import { DEFAULT_AGENT_STRATEGY_SETTINGS } from '@ferric/agent';
import { expect, test } from 'vitest';
import { configSchema } from '../config.js';
import { agentSettings } from './built-in-strategies.js';

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
