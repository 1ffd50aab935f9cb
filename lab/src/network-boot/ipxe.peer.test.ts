import { describe, expect, test } from 'vitest';
import { GUEST_LINES } from '../guest/boot-sector.ts';
import { cdromImage } from '../guest/media.ts';
import { type BootServer, startBootServer } from './boot-server.ts';
import { runIpxeScript, startIpxe } from './ipxe.ts';
import { PROBE_LINES, probeKernel } from './probe-kernel.ts';

const startSite = async (): Promise<BootServer> =>
  startBootServer({ '/probe': probeKernel(), '/initrd': new Uint8Array(1234), '/cd': cdromImage({ medium: 'CDROM' }) });

describe('a machine with iPXE', { concurrent: true }, () => {
  test('a script leads to a kernel, with its command line and its initrd', async () => {
    await using server = await startSite();
    const { console, end } = await runIpxeScript(server, `#!ipxe\nkernel --name kernel /probe a=1 b="c d" initrd=ramdisk\ninitrd --name ramdisk /initrd\nboot\n`);
    expect(end).toBe('by itself');
    expect(console).toContain(`${PROBE_LINES.commandLine('a=1 b="c d" initrd=ramdisk')}\r\n${PROBE_LINES.initrd(1234)}\r\n`);
    expect(server.requests.map(({ method, url, userAgent }) => [method, url, userAgent?.split('/')[0]])).toEqual([
      ['GET', '/script', 'iPXE'], ['GET', '/probe', 'iPXE'], ['GET', '/initrd', 'iPXE'],
    ]);
  });

  test('an image is booted over the network, piece by piece', async () => {
    await using server = await startSite();
    const { console } = await runIpxeScript(server, '#!ipxe\nsanboot --no-describe /cd\n', { until: GUEST_LINES.ready('CDROM') });
    expect(console).toContain('Booting from SAN device');
  });

  test('iPXE for UEFI runs a script, too', async () => {
    await using server = await startSite();
    const { console, end } = await runIpxeScript(server, '#!ipxe\necho This is ${platform} ${buildarch} ${uuid} ${serial}\npoweroff || reboot\n', {
      firmware: 'uefi', uuid: 'a5b5b5b5-1111-4222-8333-444444444444', serialNumber: 'SN-7',
    });
    expect(end).toBe('by itself');
    expect(console).toContain('This is efi x86_64 a5b5b5b5-1111-4222-8333-444444444444 SN-7');
  });

  test('ends when its time is over, and keeps what it printed', async () => {
    await using server = await startSite();
    await using machine = await startIpxe({ bootUrl: `${server.guestUrl}/nowhere`, lifetimeMs: 1500 });
    expect(machine.end).toBeUndefined();
    expect(await machine.ended).toBe('out of time');
    expect(machine.end).toBe('out of time');
    expect(machine.serialText()).toContain('SeaBIOS');
    await expect(machine.waitForSerial('never printed', { timeoutMs: 50 })).rejects.toThrow('in vain');
  });

  test('a script that comes to no end fails', async () => {
    await using server = await startSite();
    await expect(runIpxeScript(server, '#!ipxe\nsleep 100\n', { lifetimeMs: 500 })).rejects.toThrow(/came to no end.*SeaBIOS/s);
  });

  test('says what QEMU says when it cannot start', async () => {
    await using server = await startSite();
    await using machine = await startIpxe({ bootUrl: `${server.guestUrl}/script`, mac: 'no address' });
    await expect(machine.ended).rejects.toThrow(/QEMU ended with code 1: .*no address/s);
  });

  test('refuses a URL that is longer than a DHCP header', async () => {
    await expect(startIpxe({ bootUrl: `http://10.0.2.2/${'x'.repeat(112)}` })).rejects.toThrow('128 characters; 127 fit');
  });
});
