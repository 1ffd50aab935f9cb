import { X509Certificate } from 'node:crypto';
import type { JsonObject } from '@ferric/core';
import type { CertificateName } from '@ferric/core/testing';
import type { KeyedCertificate } from '../https-certificate.js';
import type { SecurityParameter } from '../machine/security.js';
import { refuse } from '../outcome.js';
import { asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, resource } from './build.js';

const SERVICE = 'Managers/1/SecurityService';
const DASHBOARD = `${SERVICE}/SecurityDashboard`;
const PARAMETERS = `${DASHBOARD}/SecurityParams`;
const CERTIFICATE = `${SERVICE}/HttpsCert`;

/** What stands in a request for a certificate, by the names of the action. */
const SUBJECT: Readonly<Record<string, keyof CertificateName>> = {
  City: 'locality', CommonName: 'commonName', Country: 'country', OrgName: 'organization', OrgUnit: 'organizationalUnit', State: 'state',
};

function informationOf({ certificate }: KeyedCertificate): JsonObject {
  const { issuer, subject, serialNumber, validFromDate, validToDate } = new X509Certificate(certificate);
  const inOneLine = (name: string): string => name.replaceAll('\n', ', ');
  return { Issuer: inOneLine(issuer), SerialNumber: serialNumber, Subject: inOneLine(subject), ValidNotAfter: validToDate.toISOString(), ValidNotBefore: validFromDate.toISOString() };
}

const parameterOf = ({ machine }: RestContext, id: string): SecurityParameter | undefined => machine.security.parameters.find((each) => each.id === id);

/** Source: HPE iLO 5 RESTful API, HpeiLOSecurityService. */
export const SECURITY_RESOURCES: readonly Resource[] = [
  {
    path: SERVICE,
    read: (context) =>
      resource(context, SERVICE, 'HpeiLOSecurityService', {
        Name: 'SecurityService',
        SecurityState: 'Production',
        TLSVersion: { TLS1_0: 'Disabled', TLS1_1: 'Disabled', TLS1_2: 'Enabled' },
        Links: { HttpsCert: link(context, CERTIFICATE), SecurityDashboard: link(context, DASHBOARD) },
      }),
  },
  {
    path: DASHBOARD,
    read: (context) =>
      resource(context, DASHBOARD, 'HpeiLOSecurityDashboard', {
        Name: 'Security Dashboard',
        OverallSecurityStatus: context.machine.security.overall,
        ServerConfigurationLockStatus: 'Disabled',
        SecurityParameters: link(context, PARAMETERS),
      }),
  },
  {
    path: PARAMETERS,
    read: (context) =>
      collection(context, PARAMETERS, 'HpeiLOSecurityParamCollection', context.machine.security.parameters.map(({ id }) => `${PARAMETERS}/${id}`)),
  },
  {
    path: `${PARAMETERS}/{}`,
    read(context, id) {
      const parameter = parameterOf(context, id);
      if (parameter === undefined) return undefined;
      const { isSound, text } = parameter.state();
      return resource(context, `${PARAMETERS}/${id}`, 'HpeiLOSecurityParam', {
        Name: parameter.name,
        Ignore: parameter.isIgnored,
        SecurityStatus: isSound ? 'Ok' : 'Risk',
        State: text,
      });
    },
    writable: ['Ignore'],
    patch: (context, body, id) =>
      context.caller.perform('configure ilo', () => {
        const parameter = parameterOf(context, id);
        if (parameter !== undefined) parameter.isIgnored = body['Ignore'] === true;
        return undefined;
      }),
  },
  {
    path: CERTIFICATE,
    read: (context) =>
      resource(context, CERTIFICATE, 'HpeHttpsCert', {
        Name: 'SSL Certificate Information',
        Actions: {
          '#HpeHttpsCert.GenerateCSR': { target: context.href(`${CERTIFICATE}/Actions/HpeHttpsCert.GenerateCSR`) },
          '#HpeHttpsCert.ImportCertificate': { target: context.href(`${CERTIFICATE}/Actions/HpeHttpsCert.ImportCertificate`) },
        },
        CertificateSigningRequest: context.controller.httpsCertificate.request,
        X509CertificateInformation: informationOf(context.controller.httpsCertificate.current),
      }),
  },
  {
    path: `${CERTIFICATE}/Actions/HpeHttpsCert.GenerateCSR`,
    post({ controller, caller }, body) {
      const missing = Object.keys(SUBJECT).find((name) => name !== 'OrgUnit' && asText(body[name]) === undefined);
      if (missing !== undefined) return refuse('missing property', missing);
      const outcome = caller.perform('configure ilo', () => {
        controller.httpsCertificate.ask(Object.fromEntries(Object.entries(SUBJECT).map(([name, part]) => [part, asText(body[name])])));
        return undefined;
      });
      return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'GeneratingCertificate' }] };
    },
  },
  {
    path: `${CERTIFICATE}/Actions/HpeHttpsCert.ImportCertificate`,
    post({ controller, caller }, body) {
      let isTaken = true;
      const outcome = caller.perform('configure ilo', () => {
        isTaken = controller.httpsCertificate.take(asText(body['Certificate']) ?? '');
        if (isTaken) controller.reset();
        return undefined;
      });
      if (!isTaken) return { status: 400, messages: [{ registry: 'iLO', key: 'ImportCertificateFailed' }] };
      return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'ImportCertSuccessfuliLOResetinProgress' }] };
    },
  },
];
