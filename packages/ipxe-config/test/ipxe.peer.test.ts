import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeView } from '@ferric/core';
import {
  type BootServer, cdromImage, diskImage, findKernel, GUEST_LINES, type PlainGuest, type PlainGuestOptions, PROBE_LINES, probeInitrd, probeKernel, startBootServer, startIpxe,
} from '@ferric/lab';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BootFileRole, bootScript, type BootScriptKind, type BootSettings, DEFAULT_BOOT_SETTINGS, entryScript, errorScript } from '../src/index.js';
import { hostile } from './hostile.js';
import { networkNode, type NodeParts } from './nodes.js';

const MAC = '52:54:00:fe:00:01';
const SCRIPT = '/v1/drivers/staging-wol/vendor_passthru/ipxe_config';
const INITRD_BYTES = 1234;
const SETTINGS: BootSettings = { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: '' };

/** A conductor's side of a network boot: it answers with the script of a node, and has the files that this names. */
async function startSite(render: (site: BootServer) => string): Promise<BootServer> {
  const site = await startBootServer({ '/file/kernel': probeKernel(), '/file/ramdisk': new Uint8Array(INITRD_BYTES) });
  site.serve(SCRIPT, render(site));
  return site;
}

function scriptFor(site: BootServer, node: NodeView, settings: Partial<BootSettings> = {}): string {
  // All kernels are the same file; the query tells which of them was asked for.
  const fileUrl = (role: BootFileRole): string => `${site.guestUrl}/file/${role.includes('kernel') ? 'kernel' : 'ramdisk'}?role=${role}`;
  return bootScript({ node, apiUrl: site.guestUrl, fileUrl, settings: { ...SETTINGS, ...settings } }).script;
}

const startMachine = async (site: BootServer, options: PlainGuestOptions = {}): Promise<PlainGuest> =>
  startIpxe({ mac: MAC, ...options, bootUrl: `${site.guestUrl}${SCRIPT}?port_address=\${mac}` });

/** What the machine asked for behind the script, in order; every request came from iPXE. */
function fetched(site: BootServer): readonly string[] {
  const [first, ...others] = site.requests;
  expect(first?.url).toBe(`${SCRIPT}?port_address=${encodeURIComponent(MAC)}`);
  for (const { userAgent } of site.requests) expect(userAgent).toMatch(/^iPXE\//);
  return others.map(({ url, status }) => `${status} ${url}`);
}

/** Waits for the next stage and yields the command line that reached it. */
async function bootedWith(machine: PlainGuest, bytes = INITRD_BYTES): Promise<string> {
  expect(await machine.ended, machine.serialText()).toBe('by itself');
  const text = machine.serialText();
  expect(text).toContain(PROBE_LINES.initrd(bytes));
  const [, commandLine] = new RegExp(`${PROBE_LINES.commandLine('')}(.*)\r\n`).exec(text) ?? [];
  return commandLine ?? '';
}

const DEPLOYED = { state: 'active', purpose: 'instance' } as const;
const OWN_FILES = { kernel: 'http://images.example/k', ramdisk: 'http://images.example/r' };
const agentWords = (site: BootServer, more = ''): string => `selinux=0 ${more}ipa-api-url=${site.guestUrl} BOOTIF=${MAC} initrd=ramdisk`;

interface KernelCase {
  readonly kind: BootScriptKind;
  readonly parts: NodeParts;
  readonly roles: readonly [BootFileRole, BootFileRole];
  readonly commandLine: (site: BootServer) => string;
}

const DEPLOY_FILES = ['deploy_kernel', 'deploy_ramdisk'] as const;
const KERNEL_CASES: readonly KernelCase[] = [
  { kind: 'deploy', parts: { driverInfo: { kernel_append_params: 'a="b c"  quiet' } }, roles: DEPLOY_FILES, commandLine: (site) => agentWords(site, 'a="b c" quiet ') },
  { kind: 'clean', parts: { state: 'clean wait', purpose: 'clean', kernelParameters: { 'ipa-debug': '1' } }, roles: DEPLOY_FILES, commandLine: (site) => agentWords(site, 'ipa-debug=1 ') },
  {
    kind: 'inspect', parts: { state: 'inspect wait', purpose: 'inspect' }, roles: DEPLOY_FILES,
    commandLine: (site) => agentWords(site, `ipa-inspection-callback-url=${site.guestUrl}/v1/continue_inspection `),
  },
  { kind: 'service', parts: { state: 'service wait', purpose: 'service' }, roles: DEPLOY_FILES, commandLine: (site) => agentWords(site) },
  { kind: 'rescue', parts: { state: 'rescue', purpose: 'rescue' }, roles: ['rescue_kernel', 'rescue_ramdisk'], commandLine: (site) => agentWords(site) },
  {
    kind: 'partition', roles: ['kernel', 'ramdisk'],
    parts: { ...DEPLOYED, rootUuid: '4de1-77', instanceInfo: { ...OWN_FILES, image_source: 'http://images.example/i', capabilities: { boot_option: 'netboot' } } },
    commandLine: () => 'root=UUID=4de1-77 ro text initrd=ramdisk',
  },
  {
    kind: 'ramdisk', parts: { ...DEPLOYED, deploy: 'ramdisk', instanceInfo: OWN_FILES }, roles: ['kernel', 'ramdisk'],
    commandLine: () => 'root=/dev/ram0 text initrd=ramdisk',
  },
  {
    kind: 'anaconda', roles: ['kernel', 'ramdisk'],
    parts: { ...DEPLOYED, deploy: 'anaconda', instanceInfo: { ...OWN_FILES, ks_template: 'file:///srv/ks', stage2: 'http://images.example/s' } },
    commandLine: ({ guestUrl }) => `text inst.ks=${guestUrl}/file/ramdisk?role=ks inst.stage2=${guestUrl}/file/ramdisk?role=stage2 initrd=ramdisk`,
  },
];

describe('scripts that load a kernel', { concurrent: true }, () => {
  test.each(KERNEL_CASES)('$kind', async ({ parts, roles, commandLine }) => {
    await using site = await startSite((own) => scriptFor(own, networkNode(parts)));
    await using machine = await startMachine(site);
    expect(await bootedWith(machine)).toBe(commandLine(site));
    expect(fetched(site)).toEqual([`200 /file/kernel?role=${roles[0]}`, `200 /file/ramdisk?role=${roles[1]}`]);
  });

  test('load both files again when one of them could not be had, and take the kernel and the ramdisk once', async () => {
    await using site = await startSite((own) => scriptFor(own, networkNode(), { attempts: 3 }));
    const [kernel, ramdisk] = [probeKernel(), new Uint8Array(INITRD_BYTES)];
    let requests = 0;
    const answer = (file: Uint8Array) => (): Uint8Array | undefined => ([1, 3].includes((requests += 1)) ? undefined : file);
    site.serve('/file/kernel', answer(kernel));
    site.serve('/file/ramdisk', answer(ramdisk));
    await using machine = await startMachine(site);
    expect(await bootedWith(machine)).toBe(agentWords(site));
    expect(fetched(site)).toEqual([
      '404 /file/kernel?role=deploy_kernel',
      '200 /file/kernel?role=deploy_kernel', '404 /file/ramdisk?role=deploy_ramdisk',
      '200 /file/kernel?role=deploy_kernel', '200 /file/ramdisk?role=deploy_ramdisk',
    ]);
    expect(machine.serialText()).toContain('Boot failed, retry 2 of 3');
  });

  test('give up after as many tries again as the settings say', async () => {
    await using site = await startSite((own) => scriptFor(own, networkNode(), { attempts: 2 }));
    site.serve('/file/kernel', undefined);
    await using machine = await startMachine(site);
    await machine.waitForSerial('Giving up after 2 attempts', { timeoutMs: 100_000 });
    expect(fetched(site)).toEqual(Array.from({ length: 3 }, () => '404 /file/kernel?role=deploy_kernel'));
  });
});

/** Everything that some rule looks at and that is let through, then as much made up as there is room for. */
const ODD_WORDS = [
  'a;b', 'a||b', 'c&&d', '|', '&', ';;', '|||', 'e#f', '$', '$$', '{x}', '$x', 'a$', '{mac}', '\\a', 'b\\', '\\\\', '"q w"', 'k="v w"', "'", '`', '--name', '--', '-x', ':retry', '%24%7Bmac%7D',
  'goto', 'exit', 'shell', '!', '*', '?', '~', '<', '>', '(', ')', '[', ']', '@', '^', '=', '==', 'a=', ',', '.', '..', '/', '//', 'http://x/?a=b&c=d', 'x#!ipxe',
];

function hostileParameters(length: number): string {
  const isAccepted = (text: string): boolean => {
    try {
      scriptFor({ guestUrl: 'http://10.0.2.2:6385' } as BootServer, networkNode({ driverInfo: { kernel_append_params: text } }));
      return true;
    } catch {
      return false;
    }
  };
  // iPXE makes one blank of several, and the placeholder never reaches it.
  const made = fc.sample(hostile, { seed: 20190125, numRuns: 2000 }).map((text) => text.trim().replaceAll(/ +/g, ' ')).filter((text) => !/^$|%default%/.test(text));
  let parameters = ODD_WORDS.join(' ');
  for (const text of made) {
    const longer = `${parameters} ${text}`;
    if (longer.length < length - 2 && isAccepted(longer)) parameters = longer;
  }
  return `${parameters} ${'z'.repeat(length - parameters.length - 1)}`;
}

describe('what reaches the kernel', { concurrent: true }, () => {
  test('is what was accepted, be it ever so hostile, up to the 2047 characters that Linux takes', async () => {
    const ownLength = (site: BootServer): number => agentWords(site).length + 1;
    let parameters = '';
    await using site = await startSite((own) => {
      parameters = hostileParameters(2047 - ownLength(own));
      return scriptFor(own, networkNode({ driverInfo: { kernel_append_params: parameters } }));
    });
    await using machine = await startMachine(site);
    const commandLine = await bootedWith(machine);
    expect(commandLine).toBe(agentWords(site, `${parameters} `));
    expect(commandLine).toHaveLength(2047);
  });

  test('is the same with UEFI and a real kernel', async () => {
    const { kernel } = await findKernel();
    // Linux hands parameters that it does not know to the first program, 32 at most.
    const parameters = String.raw`quiet a;b c||d e&&f g#h $$ {x} i="j k" \l %24%7Bmac%7D :retry --name ' ${'`'} goto`;
    await using site = await startSite((own) => scriptFor(own, networkNode({ driverInfo: { kernel_append_params: parameters } })));
    site.serve('/file/kernel', { file: kernel });
    site.serve('/file/ramdisk', await probeInitrd());
    await using machine = await startMachine(site, { firmware: 'uefi', memoryMib: 256 });
    expect(await machine.ended, machine.serialText()).toBe('by itself');
    expect(machine.serialText()).toContain(`${PROBE_LINES.commandLine(`kernel ${agentWords(site, `${parameters} `)}`)}\r\n`);
    expect(fetched(site)).toEqual(['200 /file/kernel?role=deploy_kernel', '200 /file/ramdisk?role=deploy_ramdisk']);
  });
});

/** A folder with a disk for the machine. */
async function withDisk(content: Uint8Array, use: (disk: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'ferric-disk-'));
  try {
    const disk = join(directory, 'disk');
    writeFileSync(disk, content);
    await use(disk);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe('scripts that load no kernel', { concurrent: true }, () => {
  const diskSite = async (): Promise<BootServer> => startSite((own) => scriptFor(own, networkNode(DEPLOYED)));

  test('disk, with BIOS', async () => {
    await withDisk(diskImage({ medium: 'DISK' }), async (disk) => {
      await using site = await diskSite();
      await using machine = await startMachine(site, { disk, bootOrder: ['network', 'hd'] });
      await machine.waitForSerial(GUEST_LINES.ready('DISK'), { timeoutMs: 100_000 });
      // By iPXE, which has not given the firmware its turn again.
      expect(machine.serialText()).toContain('Booting from SAN device');
      expect(machine.serialText()).not.toContain('Booting from Hard Disk');
      expect(fetched(site)).toEqual([]);
    });
  });

  test('disk, with UEFI: the firmware goes on to its next boot entry', async () => {
    await withDisk(diskImage({ medium: 'DISK' }), async (disk) => {
      await using site = await diskSite();
      await using machine = await startMachine(site, { disk, firmware: 'uefi', bootOrder: ['network', 'hd'] });
      await machine.waitForSerial('BdsDxe: failed to load Boot0002 "UEFI PXEv4', { timeoutMs: 100_000 });
      expect(fetched(site)).toEqual([]);
    });
  });

  test('iso', async () => {
    await using site = await startSite((own) => scriptFor(own, networkNode({ ...DEPLOYED, deploy: 'ramdisk', instanceInfo: { boot_iso: 'http://images.example/x.iso' } })));
    site.serve('/file/ramdisk', cdromImage({ medium: 'CDROM' }));
    await using machine = await startMachine(site);
    await machine.waitForSerial(GUEST_LINES.ready('CDROM'), { timeoutMs: 100_000 });
    expect(new Set(fetched(site))).toEqual(new Set(['200 /file/ramdisk?role=boot_iso', '206 /file/ramdisk?role=boot_iso']));
  });

  test('error: tells, waits, and goes on to the next boot device', async () => {
    await withDisk(diskImage({ medium: 'DISK' }), async (disk) => {
      await using site = await startSite(() => errorScript({ reference: 'req-4711', allowShell: false }));
      await using machine = await startMachine(site, { disk, bootOrder: ['network', 'hd'] });
      await machine.waitForSerial(GUEST_LINES.ready('DISK'), { timeoutMs: 100_000 });
      expect(machine.serialText()).toContain('The log of the conductor tells why. Reference: req-4711');
      expect(fetched(site)).toEqual([]);
    });
  });

  test('entry: after the error script of the first network card comes the script of the second one', async () => {
    const second = '52:54:00:fe:00:02';
    await using site = await startSite((own) => entryScript({ apiUrl: own.guestUrl, driver: 'staging-amt' }));
    const perCard = '/v1/drivers/staging-amt/vendor_passthru/ipxe_config';
    const script = scriptFor(site, networkNode());
    site.serve(perCard, (url) => (url.includes(encodeURIComponent(second)) ? script : errorScript({ reference: 'req-1', allowShell: false })));
    await using machine = await startMachine(site, { moreMacs: [second] });
    // The first card is the one that boots.
    expect(await bootedWith(machine)).toBe(agentWords(site));
    expect(fetched(site)).toEqual([
      ...[MAC, second].map((mac) => `200 ${perCard}?port_address=${encodeURIComponent(mac)}`),
      '200 /file/kernel?role=deploy_kernel', '200 /file/ramdisk?role=deploy_ramdisk',
    ]);
  });

  test('entry: says so when no network card is known', async () => {
    await using site = await startSite((own) => entryScript({ apiUrl: own.guestUrl }));
    site.serve('/ferric/v1/boot/ipxe', errorScript({ reference: 'req-1', allowShell: false }));
    await using machine = await startMachine(site);
    await machine.waitForSerial('Ferric knows no network card of this machine', { timeoutMs: 100_000 });
    expect(fetched(site)).toEqual([`200 /ferric/v1/boot/ipxe?port_address=${encodeURIComponent(MAC)}`]);
  });
});
