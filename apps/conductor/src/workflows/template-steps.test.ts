import { describe, expect, test } from 'vitest';
import type { NodeStep } from './node-steps.js';
import { checkTemplateSteps, withTemplateSteps, type TemplateStep } from './template-steps.js';

const offered = (name: string, more: Partial<NodeStep> = {}): NodeStep => ({
  interface: 'deploy', name, priority: 50, abortable: true, arguments: {}, run: async () => ({ next: 'done' }), ...more,
});
const asked = (step: string, priority: number, args = {}, template = 'CUSTOM_A'): TemplateStep => ({ interface: 'deploy', step, priority, args, template });
const available = [offered('deploy'), offered('write', { arguments: { speed: { description: 'how fast', required: true } } })];
const problems = (steps: readonly TemplateStep[], moreToCome = false): string => {
  try {
    checkTemplateSteps(steps, { available, moreToCome });
    return '';
  } catch (error) {
    return (error as Error).message.replace(/^.*Errors: /, '');
  }
};

describe('the steps of templates', () => {
  test('that the node has, with the arguments they need, are accepted', () => {
    expect(problems([])).toBe('');
    expect(problems([asked('write', 10, { speed: 1 })])).toBe('');
    expect(problems([asked('unknown', 10)], true)).toBe('');
  });

  test('that are switched off need no arguments, and may be the core step', () => {
    expect(problems([asked('write', 0), asked('deploy', 0)])).toBe('');
    expect(problems([asked('write', 1)])).toContain('is missing these required arguments: speed (how fast)');
    expect(problems([asked('deploy', 1)])).toBe('deploy step deploy on interface deploy is a core step and cannot be overridden by user steps. It may be disabled by setting the priority to 0');
  });

  test('are refused all at once', () => {
    expect(problems([asked('unknown', 1), asked('write', 1, { speed: 1, toString: 2 }), asked('write', 2, { speed: 1 }, 'CUSTOM_B')])).toBe(
      "node does not support this deploy step: {'interface': 'deploy', 'step': 'unknown'}; " +
        "deploy step {'interface': 'deploy', 'step': 'write'} has these unexpected arguments: toString; " +
        "deploy steps from all deploy templates matching this node's instance traits cannot have the same interface and step. Duplicate deploy steps for deploy.write",
    );
  });

  test('give way to the same steps of the request', () => {
    const fromRequest = { interface: 'deploy', step: 'write', args: { speed: 9 }, priority: 3 };
    expect(withTemplateSteps([fromRequest], [asked('write', 1), asked('deploy', 0)])).toEqual([fromRequest, asked('deploy', 0)]);
  });
});
