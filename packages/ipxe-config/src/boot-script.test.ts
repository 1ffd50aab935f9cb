import { errorCode, FerricError, optionIssues, PROVISION_STATES, RAMDISK_PURPOSES, Secret, type ProvisionState } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { networkNode, render, type NodeParts } from '../test/nodes.js';
import { runScript } from '../test/ipxe-model.js';
import { DEFAULT_BOOT_SETTINGS, type BootPurpose, type BootSettings } from './index.js';

/** The retries that every kernel has around it. */
function kernelScript(kernel: string, ramdisk: string, ending: string): string {
  return `#!ipxe
set attempts:int32 10
set i:int32 0
:boot_kernel
imgfree
${kernel} || goto retry
${ramdisk} || goto retry
boot || goto retry
:retry
iseq \${i} \${attempts} && goto fail ||
inc i
echo Boot failed, retry \${i} of \${attempts}
sleep \${i}
goto boot_kernel
:fail
echo Giving up after \${attempts} attempts
sleep 30
${ending}
`;
}

const AGENT = 'kernel --name kernel http://192.0.2.1:6385/files/deploy_kernel selinux=0';
const AGENT_RAMDISK = 'initrd --name ramdisk http://192.0.2.1:6385/files/deploy_ramdisk';
const INSTANCE = 'kernel --name kernel http://192.0.2.1:6385/files/kernel';
const INSTANCE_RAMDISK = 'initrd --name ramdisk http://192.0.2.1:6385/files/ramdisk';
const OFF = 'poweroff || reboot || exit 1';
const AGAIN = 'reboot || exit 1';
const KERNEL_AND_RAMDISK = { kernel: 'http://images.example/k', ramdisk: 'http://images.example/r' };
const DEPLOYED = { state: 'active', purpose: 'instance' } as const;

const GOLDEN: readonly (readonly [kind: string, parts: NodeParts, files: readonly string[], script: string])[] = [
  ['deploy', { state: 'wait call-back', purpose: 'deploy' }, ['deploy_kernel', 'deploy_ramdisk'],
    kernelScript(`${AGENT} ipa-api-url=http://192.0.2.1:6385 BOOTIF=\${mac} initrd=ramdisk`, AGENT_RAMDISK, OFF)],
  ['clean', { state: 'clean wait', purpose: 'clean', kernelParameters: { 'ipa-debug': '1' } }, ['deploy_kernel', 'deploy_ramdisk'],
    kernelScript(`${AGENT} ipa-debug=1 ipa-api-url=http://192.0.2.1:6385 BOOTIF=\${mac} initrd=ramdisk`, AGENT_RAMDISK, OFF)],
  ['service', { state: 'service wait', purpose: 'service', driverInfo: { kernel_append_params: 'console=ttyS0,115200n8  quiet' } }, ['deploy_kernel', 'deploy_ramdisk'],
    kernelScript(`${AGENT} console=ttyS0,115200n8  quiet ipa-api-url=http://192.0.2.1:6385 BOOTIF=\${mac} initrd=ramdisk`, AGENT_RAMDISK, OFF)],
  ['inspect', { state: 'inspect wait', purpose: 'inspect' }, ['deploy_kernel', 'deploy_ramdisk'],
    kernelScript(
      `${AGENT} ipa-inspection-callback-url=http://192.0.2.1:6385/v1/continue_inspection ipa-api-url=http://192.0.2.1:6385 BOOTIF=\${mac} initrd=ramdisk`, AGENT_RAMDISK, OFF)],
  ['rescue', { state: 'rescue', purpose: 'rescue' }, ['rescue_kernel', 'rescue_ramdisk'],
    kernelScript(
      'kernel --name kernel http://192.0.2.1:6385/files/rescue_kernel selinux=0 ipa-api-url=http://192.0.2.1:6385 BOOTIF=${mac} initrd=ramdisk',
      'initrd --name ramdisk http://192.0.2.1:6385/files/rescue_ramdisk', OFF)],
  ['disk', DEPLOYED, [], '#!ipxe\niseq ${platform} pcbios && goto bios ||\nexit 0\n:bios\nsanboot --no-describe --drive 0x80 || exit 0\n'],
  ['partition', { ...DEPLOYED, rootUuid: '4de1-77', instanceInfo: { ...KERNEL_AND_RAMDISK, image_source: 'http://images.example/i', capabilities: { boot_option: 'netboot' } } }, ['kernel', 'ramdisk'],
    kernelScript(`${INSTANCE} root=UUID=4de1-77 ro text initrd=ramdisk`, INSTANCE_RAMDISK, AGAIN)],
  ['ramdisk', { ...DEPLOYED, deploy: 'ramdisk', instanceInfo: { ...KERNEL_AND_RAMDISK, kernel_append_params: 'rd.live.ram' } }, ['kernel', 'ramdisk'],
    kernelScript(`${INSTANCE} root=/dev/ram0 text rd.live.ram initrd=ramdisk`, INSTANCE_RAMDISK, AGAIN)],
  ['anaconda', { ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...KERNEL_AND_RAMDISK, ks_template: 'file:///srv/ks', stage2: 'http://images.example/s' } }, ['kernel', 'ramdisk', 'ks', 'stage2'],
    kernelScript(`${INSTANCE} text inst.ks=http://192.0.2.1:6385/files/ks inst.stage2=http://192.0.2.1:6385/files/stage2 initrd=ramdisk`, INSTANCE_RAMDISK, AGAIN)],
  ['anaconda', { ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...KERNEL_AND_RAMDISK, ks_template: 'file:///srv/ks', image_source: 'https://mirror.example/os/' } }, ['kernel', 'ramdisk', 'ks'],
    kernelScript(`${INSTANCE} text inst.ks=http://192.0.2.1:6385/files/ks inst.repo=https://mirror.example/os/ initrd=ramdisk`, INSTANCE_RAMDISK, AGAIN)],
  ['iso', { ...DEPLOYED, deploy: 'ramdisk', instanceInfo: { boot_iso: 'http://images.example/x.iso' } }, ['boot_iso'],
    `#!ipxe
set attempts:int32 10
set i:int32 0
:boot_iso
sanboot --no-describe http://192.0.2.1:6385/files/boot_iso || goto retry
:retry
iseq \${i} \${attempts} && goto fail ||
inc i
echo Boot failed, retry \${i} of \${attempts}
sleep \${i}
goto boot_iso
:fail
echo Giving up after \${attempts} attempts
sleep 30
reboot || exit 1
`],
];

describe('bootScript', () => {
  test.each(GOLDEN)('writes the script of kind %s', (kind, parts, files, script) => {
    expect(render(networkNode(parts))).toEqual({ kind, files, script });
  });

  /** Source: the table of the specification "iPXE Dynamic Configuration" and of Ironic's static files; every other pair is refused. */
  const ADMITTED: Readonly<Record<BootPurpose, readonly ProvisionState[]>> = {
    deploy: ['deploying', 'wait call-back', 'deploy hold'],
    clean: ['cleaning', 'clean wait', 'clean hold'],
    service: ['servicing', 'service wait', 'service hold'],
    inspect: ['inspecting', 'inspect wait'],
    rescue: ['rescuing', 'rescue wait', 'rescue'],
    instance: ['active', 'unrescuing', 'adopting', 'deploying', 'wait call-back', 'deploy hold', 'servicing', 'service wait', 'service hold'],
  };
  test.each(PROVISION_STATES)('in state %s, gives what was prepared if the state admits it', (state) => {
    for (const purpose of [...RAMDISK_PURPOSES, 'instance'] as const) {
      const node = networkNode({ state, purpose });
      if (ADMITTED[purpose].includes(state)) {
        expect([purpose, render(node).kind]).toEqual([purpose, purpose === 'instance' ? 'disk' : purpose]);
      } else {
        expect(() => render(node), purpose).toThrow(expect.objectContaining({ code: 'CONFLICT', details: { node: node.uuid, state, bootInterface: 'ipxe' } }));
      }
    }
  });

  test('gives nothing to a node for which nothing was prepared, or that boots in another way', () => {
    expect(() => render(networkNode({ purpose: null }))).toThrow('in state "wait call-back": nothing was prepared yet');
    expect(() => render(networkNode({ boot: 'virtual-media' }))).toThrow('its boot interface is virtual-media');
    expect(render(networkNode({ boot: 'pxe' })).kind).toBe('deploy');
    for (const broken of ['deploy', 5, [], {}, { purpose: 'nonsense' }, { purpose: 5 }]) {
      const node = networkNode();
      expect(() => render({ ...node, driverInternalInfo: { network_boot: broken } })).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    }
  });

  test('asks for the root file system of a partition image', () => {
    const parts = { ...DEPLOYED, instanceInfo: { ...KERNEL_AND_RAMDISK, capabilities: { boot_option: 'netboot' } } };
    expect(() => render(networkNode(parts))).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => render(networkNode({ ...parts, rootUuid: 'x || shell' }))).toThrow('driver_internal_info.root_uuid_or_disk_id must be');
  });

  test.each([
    ['deploy_kernel', { driverInfo: { deploy_kernel: null } }, 'driver_info.deploy_kernel is required: an http, https or file:/// URL of the kernel of the deploy agent'],
    ['rescue_ramdisk', { state: 'rescue wait', purpose: 'rescue', driverInfo: { rescue_ramdisk: '' } }, 'driver_info.rescue_ramdisk is required'],
    ['kernel', { ...DEPLOYED, deploy: 'ramdisk', instanceInfo: { ramdisk: 'http://images.example/r' } }, 'instance_info.kernel is required'],
    ['boot_iso', { ...DEPLOYED, deploy: 'ramdisk', instanceInfo: { boot_iso: 'glance-id' } }, 'instance_info.boot_iso must be an http, https or file:/// URL'],
    ['ks', { ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...KERNEL_AND_RAMDISK, stage2: 'http://images.example/s' } }, 'instance_info.ks_template is required'],
  ] as const)('names what is missing: %s', (_role, parts, message) => {
    expect(() => render(networkNode(parts as NodeParts))).toThrow(message);
  });
});

describe('parameters of the kernel', () => {
  const kernelLine = (node = networkNode(), options = {}): string => render(node, options).script.split('\n').find((each) => each.startsWith('kernel ')) ?? '';
  const settings: BootSettings = { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: 'preset=1' };

  test('are those of the instance, else of the node, else of the settings', () => {
    expect(kernelLine(networkNode(), { settings })).toContain('selinux=0 preset=1 ipa-api-url');
    expect(kernelLine(networkNode({ driverInfo: { kernel_append_params: 'node=1' } }), { settings })).toContain('selinux=0 node=1 ipa-api-url');
    const both = { driverInfo: { kernel_append_params: 'node=1' }, instanceInfo: { kernel_append_params: 'a %default% b' } };
    expect(kernelLine(networkNode(both), { settings })).toContain('selinux=0 a preset=1 b ipa-api-url');
    expect(kernelLine(networkNode({ driverInfo: { kernel_append_params: '' } }), { settings })).toContain('selinux=0 ipa-api-url');
  });

  test('of an operator replace the usual ones, and so do recorded ones', () => {
    const own = kernelLine(networkNode({ driverInfo: { kernel_append_params: 'ipa-api-url=https://public.example quoted="x ipa-debug=1"' } }));
    expect(own.match(/ipa-api-url=\S+/g)).toEqual(['ipa-api-url=https://public.example']);
    expect(kernelLine(networkNode({ kernelParameters: { 'ipa-api-url': 'mdns' } })).match(/ipa-api-url=\S+/g)).toEqual(['ipa-api-url=mdns']);
    const quoted = kernelLine(networkNode({ driverInfo: { kernel_append_params: 'quoted="x ipa-api-url=no"' } }));
    expect(quoted).toContain(' ipa-api-url=http://192.0.2.1:6385 BOOTIF');
  });

  test('fit on the command line of Linux', () => {
    const fixed = 'selinux=0  ipa-api-url=http://192.0.2.1:6385 BOOTIF=52:54:00:cf:2d:31 initrd=ramdisk'.length;
    const node = (length: number, architecture: string | undefined): ReturnType<typeof networkNode> =>
      networkNode({ driverInfo: { kernel_append_params: 'x'.repeat(length) }, properties: architecture === undefined ? {} : { cpu_arch: architecture } });
    for (const [architecture, limit] of [[undefined, 2047], ['x86_64', 2047], ['aarch64', 2048], ['arm64', 2048]] as const) {
      expect(kernelLine(node(limit - fixed, architecture))).toContain('xxx');
      expect(() => kernelLine(node(limit - fixed + 1, architecture))).toThrow(`driver_info.kernel_append_params must be so short that the whole command line of the kernel has at most ${limit}`);
    }
  });

  test('hold no secret, and errors do not show one', () => {
    for (const value of ['inst.vncpassword=hunter2', new Secret('inst.vncpassword=hunter2')]) {
      const attempt = (): string => kernelLine(networkNode({ driverInfo: { kernel_append_params: value } }));
      expect(attempt).toThrow(/driver_info\.kernel_append_params must be without secrets[^]*$/);
      expect(JSON.stringify(optionIssues(caught(attempt)))).not.toContain('hunter2');
    }
    const recorded = (): string => kernelLine(networkNode({ kernelParameters: { 'ipa-agent-token': 'hunter2-hunter2' } }));
    expect(recorded).toThrow('kernel_parameters.ipa-agent-token must be without secrets');
    expect(caught(recorded).message).not.toContain('hunter2');
  });

  test('are read from sealed records as well', () => {
    expect(kernelLine(networkNode({ driverInfo: { deploy_kernel: new Secret('https://user:hunter2@images.example/k') } }))).not.toContain('hunter2');
  });
});

describe('settings', () => {
  const withSettings = (changes: Partial<BootSettings>, parts: NodeParts = {}): string =>
    render(networkNode(parts), { settings: { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: '', ...changes } }).script;

  test('limit each file only when asked to', () => {
    expect(withSettings({})).not.toContain('--timeout');
    const limited = withSettings({ fileTimeoutMs: 60_000 });
    expect(limited).toContain('\nkernel --name kernel --timeout 60000 http://192.0.2.1:6385/files/deploy_kernel selinux=0');
    expect(limited).toContain('\ninitrd --name ramdisk --timeout 60000 http://192.0.2.1:6385/files/deploy_ramdisk || goto retry');
  });

  test('say how often, and how firmware goes on to the disk', () => {
    expect(withSettings({ attempts: 3 })).toContain('set attempts:int32 3\n');
    expect(withSettings({ localBootExitCode: 1 }, DEPLOYED).match(/exit \d/g)).toEqual(['exit 1', 'exit 1']);
  });

  test.each([['attempts', 0], ['attempts', 1.5], ['attempts', Number.NaN], ['fileTimeoutMs', -1], ['localBootExitCode', 256], ['attempts', '3 ; shell' as unknown as number]])(
    'refuses %s %j', (name, value) => {
      expect(() => withSettings({ [name]: value })).toThrow(`${name} must be a whole number`);
    });

  test('give files to nodes that name none', () => {
    const node = networkNode({ driverInfo: { deploy_kernel: null, deploy_ramdisk: null } });
    const settings = { ...DEFAULT_BOOT_SETTINGS, deployKernel: 'http://images.example/k', deployRamdisk: 'file:///r' };
    expect(render(node, { settings }).kind).toBe('deploy');
    expect(errorCode(caught(() => render(node)))).toBe('INVALID_OPTIONS');
  });
});

describe('a machine that runs the script', () => {
  const loads = (): string => 'file';
  const settings = { mac: '52:54:00:cf:2d:31', platform: 'pcbios' };
  const deploy = render(networkNode()).script;

  test('boots the kernel with the command line and one ramdisk of the name that the command line says', () => {
    const run = runScript(deploy, { fetch: loads, settings });
    expect(run.end).toBe('boot');
    expect([...run.images]).toEqual([
      ['kernel', ['kernel', 'http://192.0.2.1:6385/files/deploy_kernel', 'selinux=0', 'ipa-api-url=http://192.0.2.1:6385', 'BOOTIF=52:54:00:cf:2d:31', 'initrd=ramdisk']],
      ['ramdisk', ['initrd', 'http://192.0.2.1:6385/files/deploy_ramdisk']],
    ]);
  });

  test('gives up after the last try, a little later each time, and switches itself off', () => {
    const run = runScript(deploy, { settings });
    expect(run.end).toBe('poweroff');
    expect(run.trace.filter(([name]) => name === 'kernel')).toHaveLength(11);
    expect(run.seconds).toBe(1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + 30);
    expect(runScript(deploy, { settings, without: ['poweroff'] }).end).toBe('reboot');
    expect(runScript(deploy, { settings, without: ['poweroff', 'reboot'] })).toMatchObject({ end: 'exit', code: 1 });
  });

  test('boots when the files come late, without what earlier tries left', () => {
    let asked = 0;
    const run = runScript(deploy, { settings, fetch: (url) => (url.endsWith('ramdisk') && (asked += 1) < 4 ? 'missing' : 'file') });
    expect(run.end).toBe('boot');
    expect([...run.images.keys()]).toEqual(['kernel', 'ramdisk']);
    expect(run.seconds).toBe(1 + 2 + 3);
  });

  test('goes on to its disk: BIOS by its first drive, UEFI by the next boot entry', () => {
    const disk = render(networkNode(DEPLOYED)).script;
    expect(runScript(disk, { settings })).toMatchObject({ end: 'sanboot' });
    expect(runScript(disk, { settings, boots: false })).toMatchObject({ end: 'exit', code: 0 });
    expect(runScript(disk, { settings: { platform: 'efi' } })).toMatchObject({ end: 'exit', code: 0, trace: [['iseq', 'efi', 'pcbios'], ['exit', '0']] });
  });
});

function caught(action: () => unknown): FerricError {
  try {
    action();
  } catch (error) {
    if (FerricError.is(error)) return error;
  }
  throw new Error('nothing was thrown');
}
