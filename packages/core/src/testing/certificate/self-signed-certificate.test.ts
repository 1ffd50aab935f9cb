import { X509Certificate } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { CERTIFICATE_KEYS } from './keys.js';
import { createSelfSignedCertificate } from './self-signed-certificate.js';

const NOW = new Date('2026-03-01T12:00:00Z');

test.each(CERTIFICATE_KEYS)('with a key of %s it is what Node.js reads and verifies', async (key) => {
  const names = ['192.0.2.7', 'fd00::7', 'controller.example'];
  const { certificate, der, fingerprint, privateKey } = await createSelfSignedCertificate({ names, commonName: 'box', organization: 'Maker', now: NOW, key });
  const read = new X509Certificate(certificate);
  expect(read.raw).toEqual(Buffer.from(der));
  expect(read.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(fingerprint);
  expect(read.subject).toBe('O=Maker\nCN=box');
  expect(read.issuer).toBe(read.subject);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.ca).toBe(false);
  expect([read.checkIP('192.0.2.7'), read.checkIP('fd00::7'), read.checkHost('controller.example')]).toEqual(names);
  expect([read.checkIP('192.0.2.8'), read.checkHost('other.example')]).toEqual([undefined, undefined]);
  expect([read.validFromDate, read.validToDate]).toEqual([new Date('2026-03-01T11:00:00Z'), new Date('2026-05-30T11:00:00Z')]);
  expect(read.publicKey.asymmetricKeyType).toBe(key.startsWith('EC') ? 'ec' : 'rsa');
  expect(privateKey).toContain('PRIVATE KEY');
});

test('a server shows it, and a client that trusts it and nothing else connects', async () => {
  const { certificate, privateKey } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date() });
  const server = createServer({ cert: certificate, key: privateKey }, (socket) => socket.end('here'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, ca: certificate });
  const [said] = (await once(socket, 'data')) as [Buffer];
  expect([socket.authorized, said.toString()]).toEqual([true, 'here']);
  socket.destroy();
  server.close();
});

test('the common name is the first name where none is given, and never longer than allowed; times after 2049 have four digits of the year', async () => {
  const plain = new X509Certificate((await createSelfSignedCertificate({ names: ['a.example'], now: NOW })).certificate);
  expect([plain.subject, plain.subjectAltName]).toEqual(['CN=a.example', 'DNS:a.example']);
  const long = await createSelfSignedCertificate({ names: ['b.example'], commonName: 'x'.repeat(80), now: new Date('2049-12-31T00:00:00Z'), daysValid: 3650 });
  const read = new X509Certificate(long.certificate);
  expect([read.subject, read.validToDate.getUTCFullYear()]).toEqual([`CN=${'x'.repeat(64)}`, 2059]);
});

test('two certificates of a process share their key and not their serial number', async () => {
  const [one, other] = await Promise.all([createSelfSignedCertificate({ names: ['a.example'], now: NOW }), createSelfSignedCertificate({ names: ['a.example'], now: NOW })]);
  expect(one.privateKey).toBe(other.privateKey);
  expect(new X509Certificate(one.certificate).serialNumber).not.toBe(new X509Certificate(other.certificate).serialNumber);
});
