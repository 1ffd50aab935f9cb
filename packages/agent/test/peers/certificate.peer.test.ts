import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSelfSignedCertificate } from '@ferric/core/testing';
import { run, temporaryFolder } from './tools.js';

const PYTHON = `
import ssl, sys, urllib.request
context = ssl.create_default_context(cadata=open(sys.argv[1]).read())
print(urllib.request.urlopen(sys.argv[2], context=context, timeout=10).read().decode())
`;

describe('the certificate of an agent', () => {
  test.each(['192.0.2.7', '2001:db8::7', 'fe80::1:2', '::1', '::ffff:192.0.2.1', 'agent.example'])('for %s is believed by openssl', async (host) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'agent.pem');
    await writeFile(path, (await createSelfSignedCertificate({ names: [host], commonName: 'ramdisk', now: new Date() })).certificate);
    const option = /^[0-9a-f:.]+$/.test(host) && host !== 'agent.example' ? '-verify_ip' : '-verify_hostname';
    expect(await run('openssl', ['verify', '-CAfile', path, option, host, path])).toBe(`${path}: OK\n`);
    await expect(run('openssl', ['verify', '-CAfile', path, '-verify_ip', '192.0.2.8', path])).rejects.toThrow('mismatch');
  });

  test('tells when it is valid, in the notation of its year', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'agent.pem');
    for (const [now, from, to] of [['2026-01-31T00:30:00Z', 'Jan 30 23:30:00 2026', 'Apr 30 23:30:00 2026'], ['2049-12-01T00:00:00Z', 'Nov 30 23:00:00 2049', 'Feb 28 23:00:00 2050']] as const) {
      await writeFile(path, (await createSelfSignedCertificate({ names: ['192.0.2.7'], commonName: 'x'.repeat(80), now: new Date(now) })).certificate);
      const dates = await run('openssl', ['x509', '-in', path, '-noout', '-dates', '-subject']);
      expect(dates).toBe(`notBefore=${from} GMT\nnotAfter=${to} GMT\nsubject=CN = ${'x'.repeat(64)}\n`);
    }
  });

  test('is believed by Python as the only authority', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'agent.pem');
    const { certificate, privateKey } = await createSelfSignedCertificate({ names: ['127.0.0.1'], commonName: 'ramdisk', now: new Date() });
    await writeFile(path, certificate);
    const server = createServer({ cert: certificate, key: privateKey }, (_request, response) => response.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      expect(await run('python3', ['-c', PYTHON, path, `https://127.0.0.1:${port}/`])).toBe('hello\n');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});
