import { createFaultSwitchboard, createPowerSwitch, type VirtualDevice } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { command } from '../../test/simulator/api-client.js';
import { NODE_UUID, startStubConductor, type StubConductor } from '../../test/simulator/stub-conductor.js';
import { createVirtualDisk, type NetworkBoot, type NetworkBootOptions, startNetworkBoot, type VirtualAgent } from './index.js';

const MAC = '52:54:00:12:34:56';
const SCRIPT = 'GET /script';
let conductor: StubConductor;
let machine: NetworkBoot | undefined;
let power: ReturnType<typeof createPowerSwitch>;

beforeEach(async () => {
  conductor = await startStubConductor();
  conductor.on('GET /kernel', () => ({ status: 200, body: Buffer.alloc(100_000, 1) }));
  conductor.on('GET /ramdisk', () => ({ status: 200, body: Buffer.alloc(100_000, 2) }));
  script(
    `kernel --name kernel ${conductor.url}/kernel ipa-api-url=${conductor.url} BOOTIF=\${mac} initrd=ramdisk || goto retry`,
    `initrd --name ramdisk ${conductor.url}/ramdisk || goto retry`, 'boot || goto retry', ':retry', 'exit 1',
  );
  conductor.on('GET /v1/lookup', () => ({ status: 200, body: { node: { uuid: NODE_UUID }, config: { heartbeat_timeout: 20, agent_token: 'A'.repeat(43) } } }));
  power = createPowerSwitch('power off');
});

afterEach(async () => {
  await machine?.[Symbol.asyncDispose]();
  await conductor[Symbol.asyncDispose]();
});

function script(...lines: readonly string[]): void {
  conductor.on(SCRIPT, () => ({ status: 200, body: ['#!ipxe', ...lines, ''].join('\n') }));
}

function start({ bootsFrom, ...options }: Partial<NetworkBootOptions> & Pick<VirtualDevice, 'bootsFrom'> = {}): NetworkBoot {
  const device: VirtualDevice = {
    ...(bootsFrom === undefined ? {} : { bootsFrom }),
    name: 'rack-1', hardwareType: 'fake-hardware', driverInfo: {}, ports: [{ address: MAC }], state: power.state, watchPower: power.watch,
    faults: createFaultSwitchboard([]), activity: { openConnections: 0, mostConcurrentExchanges: 0, changeCommands: 0, authenticationAttempts: 0 },
    [Symbol.asyncDispose]: async () => undefined,
  };
  machine = startNetworkBoot({ device, scriptUrl: (mac) => `${conductor.url}/script?mac=${mac}`, agent: { pacing: { shutdownMs: 5, lookupIntervalMs: 5, lookupTimeoutMs: 50 } }, ...options });
  return machine;
}

async function expectRunning(boot: NetworkBoot, kind: NetworkBoot['running']['kind']): Promise<void> {
  await expect.poll(() => boot.running.kind).toBe(kind);
}

async function runsAgent(boot: NetworkBoot): Promise<VirtualAgent> {
  await expectRunning(boot, 'agent');
  const { agent } = boot;
  if (agent === undefined) throw new Error('There is no agent');
  await agent.firstHeartbeat();
  return agent;
}

describe('a machine that is switched on', () => {
  test('loads its script, kernel and ramdisk as firmware does, and runs an agent', async () => {
    const scripts: string[] = [];
    const boot = start({ onScript: (text, url) => scripts.push(`${url} ${text.split('\n')[0] ?? ''}`) });
    expect(boot.running).toEqual({ kind: 'off' });
    power.state.power = 'power on';
    const agent = await runsAgent(boot);
    expect(agent).toMatchObject({ macAddresses: [MAC], nodeUuid: NODE_UUID });
    expect(boot.running).toEqual({ kind: 'agent', commandLine: `ipa-api-url=${conductor.url} BOOTIF=${MAC} initrd=ramdisk` });
    expect(scripts).toEqual([`${conductor.url}/script?mac=${MAC} #!ipxe`]);
    expect(conductor.seen.slice(0, 3).map(({ method, path, headers }) => [method, path, headers['user-agent']])).toEqual([
      ['GET', `/script?mac=${MAC}`, 'iPXE/1.0.0'], ['GET', '/kernel', 'iPXE/1.0.0'], ['GET', '/ramdisk', 'iPXE/1.0.0'],
    ]);
  });

  test('and off again is silent at once', async () => {
    const boot = start();
    power.state.power = 'power on';
    const agent = await runsAgent(boot);
    power.state.power = 'power off';
    expect(boot.running).toEqual({ kind: 'off' });
    expect(await agent.ended).toEqual({ how: 'stopped' });
  });

  test('and reset starts anew', async () => {
    const boot = start();
    power.state.power = 'power on';
    const first = await runsAgent(boot);
    power.reset();
    await first.ended;
    await conductor.waitFor(SCRIPT, 2);
    await expect.poll(() => boot.agent === first).toBe(false);
    await boot.agent?.firstHeartbeat();
    expect([boot.boots, power.state.power]).toEqual([2, 'power on']);
  });

  test('was on already', async () => {
    power.state.power = 'power on';
    expect(await runsAgent(start())).toMatchObject({ nodeUuid: NODE_UUID });
  });

  test('goes off when its agent switches it off: the controller sees it', async () => {
    const boot = start();
    power.state.power = 'power on';
    await command(await runsAgent(boot), 'standby.power_off', {}, false);
    await expectRunning(boot, 'off');
    expect(power.state.power).toBe('power off');
  });

  test('starts anew when its agent restarts it, without being off', async () => {
    const seen: string[] = [];
    power.watch((change) => seen.push(change));
    const boot = start();
    power.state.power = 'power on';
    await command(await runsAgent(boot), 'standby.run_image', {}, false);
    await conductor.waitFor(SCRIPT, 2);
    expect(seen).toEqual(['on']);
  });

  test('stays on when its agent has left', async () => {
    const boot = start();
    power.state.power = 'power on';
    await command(await runsAgent(boot), 'system.lockdown');
    await expect.poll(() => boot.running).toMatchObject({ kind: 'agent', ended: 'locked down' });
    expect(power.state.power).toBe('power on');
  });
});

describe('what it boots', () => {
  async function diskWithSystem(): Promise<ReturnType<typeof createVirtualDisk>> {
    const disk = createVirtualDisk();
    await disk.write(0, Buffer.from('system'));
    return disk;
  }

  test.each([
    ['nothing on the disk', false, 'nothing to boot'],
    ['a system on the disk', true, 'disk'],
  ] as const)('the script ends, and there is %s', async (_what, isWritten, kind) => {
    script('exit 0');
    const boot = start(isWritten ? { disk: await diskWithSystem() } : {});
    power.state.power = 'power on';
    await expectRunning(boot, kind);
  });

  test('the disk first, when the controller says so, without asking the network; the network if it is empty', async () => {
    power.state.bootDevice = { device: 'disk', persistent: true };
    const boot = start({ disk: await diskWithSystem() });
    power.state.power = 'power on';
    await expectRunning(boot, 'disk');
    expect(conductor.requests(SCRIPT)).toEqual([]);
    await boot.disk.erase(0, boot.disk.sizeBytes);
    power.reset();
    await runsAgent(boot);
  });

  test('nothing before its self-test is over, then what that found; switched off meanwhile it is off at once', async () => {
    power.state.bootDevice = { device: 'pxe', persistent: true };
    const tests: PromiseWithResolvers<'disk'>[] = [];
    const bootsFrom = (): Promise<'disk'> => {
      tests.push(Promise.withResolvers());
      return tests.at(-1)?.promise ?? expect.fail('there is one');
    };
    const boot = start({ disk: await diskWithSystem(), bootsFrom });
    power.state.power = 'power on';
    await expect.poll(() => tests.length).toBe(1);
    expect(boot.running).toEqual({ kind: 'starting' });
    power.reset();
    await expect.poll(() => tests.length).toBe(2);
    tests[1]?.resolve('disk');
    await expectRunning(boot, 'disk');
    expect(conductor.requests(SCRIPT)).toEqual([]);
    power.reset();
    await expect.poll(() => tests.length).toBe(3);
    await boot[Symbol.asyncDispose]();
    expect(boot.running).toEqual({ kind: 'off' });
  });

  test('the disk, when the script says so', async () => {
    script('iseq ${platform} pcbios && goto bios ||', 'exit 0', ':bios', 'sanboot --no-describe --drive 0x80 || exit 1');
    const boot = start({ disk: await diskWithSystem() });
    power.state.power = 'power on';
    await expectRunning(boot, 'disk');
  });

  test('another kernel is no agent', async () => {
    script(`kernel ${conductor.url}/kernel root=/dev/ram0 text`, 'boot');
    const boot = start();
    power.state.power = 'power on';
    await expect.poll(() => boot.running).toEqual({ kind: 'kernel', commandLine: 'root=/dev/ram0 text' });
  });

  test.each([
    ['an ISO image', () => [`sanboot --no-describe ${conductor.url}/kernel`], { kind: 'iso' }],
    ['a shell', () => ['shell'], { kind: 'shell' }],
  ])('%s', async (_what, lines, running) => {
    script(...lines());
    const boot = start();
    power.state.power = 'power on';
    await expect.poll(() => boot.running).toMatchObject(running);
  });

  test('poweroff switches it off', async () => {
    script('poweroff');
    const boot = start();
    power.state.power = 'power on';
    await expect.poll(() => power.state.power).toBe('power off');
    expect(boot.running).toEqual({ kind: 'off' });
  });

  test('reboot starts it anew', async () => {
    conductor.on(SCRIPT, (_request, count) => ({ status: 200, body: `#!ipxe\n${count < 3 ? 'reboot' : 'exit 0'}\n` }));
    const boot = start();
    power.state.power = 'power on';
    await expectRunning(boot, 'nothing to boot');
    expect(boot.boots).toBe(3);
  });

  test('each network card is tried; a script that fails makes it try the next one', async () => {
    conductor.on(SCRIPT, ({ path }) => (path.endsWith('3:01') ? { status: 404 } : { status: 200, body: `#!ipxe\nexit ${path.endsWith('3:02') ? 1 : 0}\n` }));
    const boot = start({ macAddresses: ['52:54:00:00:03:01', '52:54:00:00:03:02', '52:54:00:00:03:03', '52:54:00:00:03:04'] });
    power.state.power = 'power on';
    await expectRunning(boot, 'nothing to boot');
    expect(conductor.requests(SCRIPT)).toHaveLength(3);
    expect(boot.console.join('\n')).toContain('HTTP status 404');
  });

  test('JSON hangs BIOS, and EFI goes on', async () => {
    conductor.on(SCRIPT, () => ({ status: 200, body: { error_message: 'no' } }));
    const boot = start();
    power.state.power = 'power on';
    await expectRunning(boot, 'hung');
    await boot[Symbol.asyncDispose]();
    await expectRunning(start({ platform: 'efi' }), 'nothing to boot');
  });

  test('a busy server that names a time is asked again for ever', async () => {
    const clock = createFakeClock();
    conductor.on(SCRIPT, (_request, count) => (count < 4 ? { status: 503, headers: { 'Retry-After': '2' } } : { status: 503 }));
    const boot = start({ clock });
    power.state.power = 'power on';
    await expect.poll(async () => {
      await clock.advance(2000);
      return boot.running.kind;
    }).toBe('nothing to boot');
    expect(conductor.requests(SCRIPT)).toHaveLength(4);
  });
});

test('an agent that gave up is started again, until the conductor knows it', async () => {
  const clock = createFakeClock();
  conductor.on('GET /v1/lookup', (_request, count) =>
    count < 4 ? { status: 404 } : { status: 200, body: { node: { uuid: NODE_UUID }, config: { heartbeat_timeout: 20, agent_token: 'A'.repeat(43) } } });
  const boot = start({ clock, agent: { pacing: { lookupIntervalMs: 20, lookupTimeoutMs: 30 }, random: () => 0 } });
  power.state.power = 'power on';
  await expect.poll(async () => {
    await clock.advance(1000);
    return boot.agent?.heartbeats ?? 0;
  }, { timeout: 5000 }).toBeGreaterThan(0);
  expect(conductor.requests(SCRIPT)).toHaveLength(1);
});

test('disposing twice is well, and the controller stays as it is', async () => {
  const boot = start();
  power.state.power = 'power on';
  await boot[Symbol.asyncDispose]();
  await boot[Symbol.asyncDispose]();
  expect([boot.running, power.state.power]).toEqual([{ kind: 'off' }, 'power on']);
  power.reset();
  expect(boot.running).toEqual({ kind: 'off' });
});
