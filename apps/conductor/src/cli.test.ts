import { afterEach, expect, test, vi } from 'vitest';
import { main } from './cli.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** What a command prints. */
async function printed(stream: 'stdout' | 'stderr', ...args: string[]): Promise<string> {
  const write = vi.spyOn(process[stream], 'write').mockReturnValue(true);
  await main(args);
  return write.mock.calls.map(([text]) => String(text)).join('');
}

test('dhcp-example prints a configuration that hands out the address of the scripts', async () => {
  const text = await printed('stdout', 'dhcp-example', '--url', 'http://172.22.0.1:6385', '--driver', 'staging-libvirt', '--interface', 'br0');
  expect(text).toContain('\ndhcp-boot=tag:ipxe,http://172.22.0.1:6385/v1/drivers/staging-libvirt/vendor_passthru/ipxe_config?port_address=${mac}\n');
  expect(text).toContain('\ninterface=br0\n');
});

test('dhcp-example refuses an address that may not stand there', async () => {
  const text = await printed('stderr', 'dhcp-example', '--url', 'http://h/\ndhcp-script=/bin/evil');
  expect(text).toMatch(/^ferric-conductor: .*apiUrl must be/);
  expect(process.exitCode).toBe(2);
});
