import { createPublicKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCertificateAuthority } from './certificate-authority.js';
import { createCertificateRequest } from './certificate-request.js';

const SUBJECT = { country: 'DE', state: 'NRW', locality: 'Bonn', organization: 'Lab', organizationalUnit: 'Racks', commonName: 'ilo.example.org' };

test.each(['EC P-256, SHA-256', 'RSA 2048, SHA-256'] as const)('%s: what was asked for is issued, for the key of the request', async (key) => {
  const authority = await createCertificateAuthority(new Date());
  const { request, privateKey } = await createCertificateRequest(SUBJECT, key);
  const { certificate, fingerprint } = authority.issue(request, { names: ['127.0.0.1', 'ilo.example.org'] });
  const [read, issuer] = [new X509Certificate(certificate), new X509Certificate(authority.certificate)];
  expect(read.subject).toBe('C=DE\nST=NRW\nL=Bonn\nO=Lab\nOU=Racks\nCN=ilo.example.org');
  expect([read.subjectAltName, read.ca, issuer.ca]).toEqual(['IP Address:127.0.0.1, DNS:ilo.example.org', false, true]);
  expect([read.checkIssued(issuer), read.verify(issuer.publicKey), issuer.verify(read.publicKey)]).toEqual([true, true, false]);
  expect(read.publicKey.equals(createPublicKey(privateKey))).toBe(true);
  expect(read.fingerprint256.replaceAll(':', '').toLowerCase()).toBe(fingerprint);
});

test('every request has a key of its own', async () => {
  const [one, other] = await Promise.all([createCertificateRequest(SUBJECT), createCertificateRequest(SUBJECT)]);
  expect(one.privateKey).not.toBe(other.privateKey);
});

test('what is no request is not issued', async () => {
  const authority = await createCertificateAuthority(new Date());
  expect(() => authority.issue('-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----', { names: ['127.0.0.1'] })).toThrow(RangeError);
});
