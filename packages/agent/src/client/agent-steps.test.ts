import type { JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { recordedAnswer } from '../../test/support/recordings.js';
import type { AgentCommand } from './agent.js';
import { executedStep, readAgentSteps } from './agent-steps.js';

const recorded = recordedAnswer('clean.get_clean_steps').response['command_result'] as JsonObject;
const step = { interface: 'deploy', step: 'write_image', priority: 0 };

describe('the steps of an agent', () => {
  test('of all its managers, and the version exactly as it came', () => {
    const { steps, hardwareManagerVersion } = readAgentSteps('clean', recorded);
    expect(hardwareManagerVersion).toBe(recorded['hardware_manager_version']);
    expect(steps.slice(0, 4).map(({ manager, interface: name, step: stepName, priority }) => [manager, name, stepName, priority])).toEqual([
      ['FileDiskManager', 'deploy', 'erase_devices_metadata', 99],
      ['GenericHardwareManager', 'deploy', 'erase_devices', 10],
      ['GenericHardwareManager', 'deploy', 'erase_devices_express', 0],
      ['GenericHardwareManager', 'deploy', 'erase_pstore', 0],
    ]);
    expect(steps).toHaveLength(12);
  });

  test.each<[string, unknown]>([
    ['no deploy_steps', {}], ['no deploy_steps', null], ['no deploy_steps', { clean_steps: {}, hardware_manager_version: {} }],
    ['no hardware_manager_version', { deploy_steps: {} }],
    ['no list of steps of M', { deploy_steps: { M: {} }, hardware_manager_version: {} }],
    ['a step of M that is no object', { deploy_steps: { M: ['x'] }, hardware_manager_version: {} }],
    ...(['interface', 'step', 'priority'] as const).map((key): [string, unknown] => [
      `a step of M without ${key}`, { deploy_steps: { M: [{ ...step, [key]: null }] }, hardware_manager_version: {} },
    ]),
  ])('%s is named', (what, result) => {
    expect(() => readAgentSteps('deploy', result as JsonObject)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_FAULT', message: expect.stringContaining(`The agent told ${what}`) as string }) as Error,
    );
  });

  test('what a step does not say is false and empty', () => {
    expect(readAgentSteps('clean', { clean_steps: { M: [step] }, hardware_manager_version: {} }).steps).toEqual([
      { ...step, rebootRequested: false, abortable: false, arguments: {}, manager: 'M' },
    ]);
  });
});

test.each<[unknown, unknown]>([
  [{ deploy_result: null, deploy_step: { ...step, args: {} } }, { interface: 'deploy', step: 'write_image' }],
  [{ clean_result: null, clean_step: { interface: 'raid', step: 'x' } }, { interface: 'raid', step: 'x' }],
  [{ deploy_step: { step: 'x' } }, undefined], [null, undefined], ['text', undefined],
])('which step ended: %j', (result, expected) => {
  const command: AgentCommand = { id: '1', name: 'execute_deploy_step', status: 'SUCCEEDED', error: null, result: result as JsonObject };
  expect(executedStep(command)).toEqual(expected);
});
