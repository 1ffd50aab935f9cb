import { FerricError, invalidOptions, type JsonObject, printValue } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import { loadCertificate } from '../certificate-download.js';
import { type IloCertificateSubject, readCertificateText } from '../client/index.js';
import { checkHttpUrl } from '../client/media/http-url.js';
import type { Lease } from '../client-pool.js';
import type { IloCall, IloMachine } from '../ilo-machine.js';
import { joinFingerprints, withFingerprints } from '../ilo-options.js';
import type { StepFacts } from './step-table.js';

/** Making a key takes an iLO up to ten minutes. Milliseconds. */
const REQUEST_MS = 900_000;
/** An iLO is away for a minute or two, some for longer. Milliseconds. */
const IMPORT_MS = 900_000;

const CERTIFICATE_FIELD = 'cert_file';
const SOURCE_EXPECTED = 'the text of a certificate in PEM form, or an http or https address of it';

const part = (expected: string): z.ZodString => z.string(expected).trim().min(1, expected).max(64, expected);
const TEXT = 'a text of 1 to 64 characters';

/** Whom the certificate is for, by the names that iLOs use. */
const SUBJECT_FIELDS = z.object({
  City: part(TEXT),
  CommonName: part(TEXT),
  Country: z.string('two letters, such as DE').trim().regex(/^[A-Za-z]{2}$/, 'two letters, such as DE'),
  OrgName: part(TEXT),
  OrgUnit: part(TEXT).optional(),
  State: part(TEXT),
});
const subjectSchema = objectSchema('csr_params of create_csr', SUBJECT_FIELDS);

/** Source: Ironic, ironic/drivers/modules/ilo/management.py (create_csr, add_https_certificate), which has them as clean steps only. */
const CREATE_REQUEST: StepFacts = {
  name: 'create_csr',
  kinds: ['clean'],
  skippable: true,
  timeoutMs: REQUEST_MS,
  arguments: {
    csr_params: {
      description: 'Whom the certificate is for: {City, CommonName, Country, OrgName, OrgUnit, State}; OrgUnit may be left out. The vendor passthru method get_csr yields the request.',
      required: true,
    },
  },
  check: (args) => void readSubject(args),
  async run({ machine: { logger, address }, call: { client, options }, args }) {
    await client.httpsCertificate.createRequest(readSubject(args), options);
    logger.info({ address }, 'The iLO has made a request for a certificate: get_csr yields it');
    return 'done';
  },
};

/**
 * Until the iLO shows the new certificate, driver_info holds the fingerprints of both; whatever ends this in between, the machine can be reached and this
 * can run again. Where the issuer of the new certificate is trusted, no fingerprint is left over.
 */
const ADD_CERTIFICATE: StepFacts = {
  name: 'add_https_certificate',
  kinds: ['clean'],
  skippable: true,
  timeoutMs: IMPORT_MS,
  arguments: {
    cert_file: { description: 'The certificate that was issued for the request of create_csr: the text in PEM form, or an http or https address of it. The iLO restarts.', required: true },
  },
  check: (args) => void readSource(args),
  async run({ machine, call, args }) {
    const source = readSource(args);
    const certificate = source instanceof URL ? await loadCertificate(source, call.options) : source;
    await importCertificate(machine, call, certificate);
    return 'done';
  },
};

export const httpsCertificateSteps: readonly StepFacts[] = [CREATE_REQUEST, ADD_CERTIFICATE];

async function importCertificate(machine: IloMachine, { client, lease, options }: IloCall, certificate: string): Promise<void> {
  const { fingerprint: next } = readCertificateText(certificate, CERTIFICATE_FIELD, machine.clock.now());
  // As the lease has it: what stood in driver_info when the device was opened may have been changed by this step already.
  const { verify = true, fingerprint: pin } = lease.tls;
  const remember = pin === undefined && !verify ? async (): Promise<void> => undefined : keeperOf(machine, lease);
  // Throws where there is none to change, before anything is written down.
  await client.httpsCertificate.read(options);
  const shown = await client.httpsCertificate.fingerprint(options);
  await remember([shown, next]);
  const { fingerprint, pinned } = await client.httpsCertificate.import(certificate, options).catch(async (error: unknown) => {
    const isDecided = FerricError.is(error) && error.details['undecided'] !== true && options.signal?.aborted !== true;
    if (isDecided) await remember(pin === undefined ? [] : [shown]);
    throw error;
  });
  // Not within the above: when this fails the iLO shows the new one all the same, and both stay written down.
  await remember(pinned ? [fingerprint] : []);
}

/** Writes down which certificates are trusted, none standing for the authorities alone, and has whoever connects anew in this device trust them. */
function keeperOf(machine: IloMachine, lease: Lease): (fingerprints: readonly string[]) => Promise<void> {
  const keep = requireKeeper(machine);
  return async (fingerprints) => {
    await keep({ ilo_tls_fingerprint: fingerprints.length === 0 ? null : joinFingerprints(fingerprints) });
    lease.trustChanged(withFingerprints(lease.tls, fingerprints));
  };
}

function requireKeeper({ address, keepDriverInfo }: IloMachine): NonNullable<IloMachine['keepDriverInfo']> {
  if (keepDriverInfo !== undefined) return keepDriverInfo;
  // Not UNSUPPORTED, which would be skipped.
  throw new FerricError('CONFLICT', `The certificate of ${address} is not changed: nobody is there to remember the fingerprint of the new one`, {
    details: { address, step: 'add_https_certificate' },
    hint: 'Open the device with keepDriverInfo, or change the certificate with client.httpsCertificate.import.',
  });
}

function readSubject({ csr_params: given = null }: JsonObject): IloCertificateSubject {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidOptions('Arguments of create_csr', [
      { field: 'csr_params', problem: given === null ? 'missing' : 'invalid', expected: `an object with ${Object.keys(SUBJECT_FIELDS.shape).join(', ')}`, received: printValue(given) },
    ]);
  }
  const { City: city, CommonName: commonName, Country: country, OrgName: organization, OrgUnit: organizationalUnit, State: state } = subjectSchema.parse(given);
  return { city, commonName, country: country.toUpperCase(), organization, state, ...(organizationalUnit === undefined ? {} : { organizationalUnit }) };
}

function readSource({ cert_file: given = null }: JsonObject): URL | string {
  if (typeof given !== 'string' || given.trim() === '') {
    throw invalidOptions('Arguments of add_https_certificate', [{ field: CERTIFICATE_FIELD, problem: given === null ? 'missing' : 'invalid', expected: SOURCE_EXPECTED }]);
  }
  const url = /^https?:/i.test(given.trim()) ? URL.parse(given.trim()) : null;
  if (url !== null) {
    checkHttpUrl('Arguments of add_https_certificate', url, CERTIFICATE_FIELD);
    return url;
  }
  if (given.includes('-----BEGIN ')) {
    readCertificateText(given, CERTIFICATE_FIELD, new Date());
    return given;
  }
  // Ironic takes paths of its own machine too, which an API of this kind must not read.
  throw invalidOptions('Arguments of add_https_certificate', [{ field: CERTIFICATE_FIELD, problem: 'invalid', expected: SOURCE_EXPECTED }]);
}
