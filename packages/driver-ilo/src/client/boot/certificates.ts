import { FerricError, invalidOptions, printValue } from '@ferric/core';
import { biosPart, readBios, readPendingBios, reader, type Resource, settingsPath } from '@ferric/redfish';
import type { IloCertificates } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';
import { bootModeOf } from './boot-names.js';

const PEM = /^-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]{1,65536}-----END CERTIFICATE-----\s*$/;
const MOST_CERTIFICATES = 32;

/** Source: HPE iLO 5 RESTful API, HpeTlsConfig. */
export function createCertificates(perform: Perform): IloCertificates {
  return {
    read: (options) => perform('certificates', { rest: async (call) => certificatesOf(await readTlsConfig(call)) }, options),
    async add(certificates, options) {
      checkCertificates(certificates);
      const body = { NewCertificates: certificates.map((text) => ({ X509Certificate: text.trim().replace(/\r?\n/g, '\r\n') })) };
      await perform('certificates', { rest: (call) => call.lookingAgain(() => change(call, () => body)) }, options);
    },
    remove: (fingerprints, options) =>
      perform('certificates', {
        rest: (call) =>
          call.lookingAgain(() => change(call, (config) => {
            const all = certificatesOf(config).map(({ fingerprint }) => fingerprint);
            const doomed = all.filter((each) => fingerprints === undefined || fingerprints.some((one) => same(one, each)));
            return doomed.length === 0 ? undefined : { DeleteCertificates: doomed.map((fingerprint) => ({ FingerPrint: fingerprint })) };
          })),
      }, options),
  };
}

function checkCertificates(certificates: readonly string[]): void {
  const fits = Array.isArray(certificates) && certificates.length >= 1 && certificates.length <= MOST_CERTIFICATES;
  const expected = `1 to ${MOST_CERTIFICATES} texts`;
  if (!fits) throw invalidOptions('Certificates', [{ field: 'certificates', problem: 'invalid', expected, received: printValue(certificates) }]);
  const wrong = certificates.findIndex((text) => typeof text !== 'string' || !PEM.test(text.trim()));
  if (wrong >= 0) throw invalidOptions('Certificates', [{ field: `certificates.${wrong}`, problem: 'invalid', expected: 'one certificate in PEM form' }]);
}

async function readTlsConfig({ client, options, system }: RestCall): Promise<Resource> {
  const bios = await readBios(client, await system(), options);
  const path = biosPart(bios, 'TlsConfig');
  if (path === undefined) throw new FerricError('UNSUPPORTED', `${bios.resource.path} has no TlsConfig`, { details: { resource: bios.resource.path } });
  // A change of the boot mode counts from the same start on as one of the certificates.
  const pending = await readPendingBios(client, bios, options);
  if (bootModeOf(pending['BootMode'] ?? bios.attributes['BootMode']) === 'bios') {
    throw new FerricError('UNSUPPORTED', 'HTTPS boot works in UEFI boot mode only, and the server is in BIOS mode', {
      details: { resource: path, bootMode: 'bios' },
    });
  }
  return client.read(path, options);
}

function certificatesOf({ body, path }: Resource): readonly { readonly fingerprint: string; readonly subject: string | null }[] {
  return reader(body, path).children('Certificates').flatMap((certificate) => {
    const fingerprint = certificate.text('FingerPrint');
    return fingerprint === undefined ? [] : [{ fingerprint, subject: certificate.text('Subject') ?? null }];
  });
}

async function change(call: RestCall, bodyFor: (config: Resource) => Parameters<RestCall['client']['replace']>[1] | undefined): Promise<void> {
  await call.whenReady('certificates', async () => {
    const config = await readTlsConfig(call);
    const path = settingsPath(config);
    if (path === undefined) throw new FerricError('UNSUPPORTED', `${config.path} cannot be changed`, { details: { resource: config.path } });
    const body = bodyFor(config);
    if (body !== undefined) await call.client.replace(await call.client.read(path, call.options), body, call.options);
  });
}

function same(one: string, other: string): boolean {
  const plain = (text: string): string => text.replaceAll(':', '').toLowerCase();
  return plain(one) === plain(other);
}
