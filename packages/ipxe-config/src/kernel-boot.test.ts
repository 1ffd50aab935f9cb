import { optionIssues, Secret } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { networkNode, type NodeParts } from '../test/nodes.js';
import { DEFAULT_BOOT_SETTINGS, kernelBoot, ramdiskParameters, type KernelBootOptions } from './index.js';

const TOKEN = new Secret('planted-token-of-this-boot');
const options = (parts: NodeParts = {}, more: Partial<KernelBootOptions> = {}): KernelBootOptions => ({
  node: networkNode(parts), kind: 'deploy', apiUrl: 'http://192.0.2.1:6385/', settings: DEFAULT_BOOT_SETTINGS, parameters: {}, ...more,
});
const line = (parts: NodeParts = {}, more: Partial<KernelBootOptions> = {}): string => kernelBoot(options(parts, more)).commandLine.reveal();
const refusal = (work: () => unknown): string => {
  try {
    work();
    return 'nothing refused';
  } catch (error) {
    return `${optionIssues(error).map(({ field }) => field).join()}: ${(error as Error).message}`;
  }
};

describe('a kernel without iPXE', () => {
  test('is told what any agent is told, and nothing that iPXE would expand', () => {
    expect(kernelBoot(options())).toMatchObject({ kernel: 'http://images.example/agent.kernel', ramdisk: 'file:///srv/images/agent.initramfs' });
    expect(line()).toBe('selinux=0 nofb vga=normal ipa-api-url=http://192.0.2.1:6385');
    expect(line({}, { kind: 'inspect' })).toContain('ipa-inspection-callback-url=http://192.0.2.1:6385/v1/continue_inspection');
    expect(kernelBoot(options({}, { kind: 'rescue' })).kernel).toBe('http://images.example/rescue.kernel');
    for (const kind of ['deploy', 'inspect', 'rescue'] as const) expect(line({}, { kind })).not.toMatch(/[$]|initrd|BOOTIF/);
  });

  test('may be told a secret, for nobody else reads it', () => {
    expect(line({}, { parameters: { 'ipa-agent-token': TOKEN } })).toContain(` ipa-agent-token=${TOKEN.reveal()} `);
    expect(refusal(() => line({}, { parameters: { 'ipa-agent-token': TOKEN.reveal() } }))).toMatch(/^kernelParameters\.ipa-agent-token: (?!.*planted)/);
    expect(refusal(() => line({}, { parameters: { a: new Secret('planted b') } }))).toMatch(/^kernelParameters\.a: (?!.*planted)/);
  });

  test.each<[string, NodeParts, Partial<KernelBootOptions>, string]>([
    ['its parameters before the usual ones', {}, { parameters: { 'ipa-api-url': 'http://other' } }, 'selinux=0 nofb vga=normal ipa-api-url=http://other'],
    ["the operator's before the usual ones", { driverInfo: { kernel_append_params: 'ipa-api-url=http://mine' } }, {}, 'selinux=0 ipa-api-url=http://mine'],
    ['an instance, which calls nobody', { instanceInfo: { kernel: 'http://h/k', ramdisk: 'http://h/r' } }, { kind: 'ramdisk' }, 'root=/dev/ram0 text nofb vga=normal'],
  ])('gets %s', (_case, parts, more, commandLine) => {
    expect(line(parts, more)).toBe(commandLine);
  });

  test('needs its files and a line that Linux does not cut', () => {
    expect(refusal(() => line({ driverInfo: { deploy_kernel: '' } }))).toMatch(/^driver_info\.deploy_kernel: /);
    expect(refusal(() => line({ driverInfo: { kernel_append_params: 'x'.repeat(2040) } }))).toContain('at most 1983 characters');
    expect(refusal(() => line({ driverInfo: { kernel_append_params: 'x'.repeat(2040) }, properties: { cpu_arch: 'aarch64' } }))).toContain('at most 1984 characters');
  });
});

describe('the parameters of a ramdisk with a command line of its own', () => {
  test('are those of the agent: the usual ones, what the operator wrote for it, and what this boot needs', () => {
    const parts: NodeParts = { driverInfo: { kernel_append_params: 'quiet ipa-debug=1 console=ttyS0 ipa-collectors="a,b" ipa-insecure=1' } };
    expect(ramdiskParameters(options(parts, { parameters: { boot_method: 'vmedia', 'ipa-agent-token': TOKEN } }))).toEqual({
      'ipa-api-url': 'http://192.0.2.1:6385', 'ipa-debug': '1', 'ipa-insecure': '1', boot_method: 'vmedia', 'ipa-agent-token': TOKEN,
    });
  });

  test("have the operator's in place of the usual ones, and this boot's in place of both", () => {
    const parts: NodeParts = { driverInfo: { kernel_append_params: 'ipa-api-url=http://mine' } };
    expect(ramdiskParameters(options(parts))).toEqual({ 'ipa-api-url': 'http://mine' });
    expect(ramdiskParameters(options(parts, { parameters: { 'ipa-api-url': 'http://ours' } }))).toEqual({ 'ipa-api-url': 'http://ours' });
  });

  test('are words', () => {
    expect(refusal(() => ramdiskParameters(options({}, { parameters: { a: 'b c' } })))).toMatch(/^kernelParameters\.a: /);
  });
});
