import type { SecurityParameter } from '../machine/security.js';
import { refuse } from '../outcome.js';
import { asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, resource } from './build.js';

const SERVICE = 'Managers/1/SecurityService';
const DASHBOARD = `${SERVICE}/SecurityDashboard`;
const PARAMETERS = `${DASHBOARD}/SecurityParams`;
const CERTIFICATE = `${SERVICE}/HttpsCert`;

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
        CertificateSigningRequest: context.controller.certificateRequest.text,
      }),
  },
  {
    path: `${CERTIFICATE}/Actions/HpeHttpsCert.GenerateCSR`,
    post({ controller, caller }, body) {
      const missing = ['City', 'CommonName', 'Country', 'OrgName', 'State'].find((name) => asText(body[name]) === undefined);
      if (missing !== undefined) return refuse('missing property', missing);
      const outcome = caller.perform('configure ilo', () => {
        const lines = ['-----BEGIN CERTIFICATE REQUEST-----', Buffer.from(JSON.stringify(body)).toString('base64'), '-----END CERTIFICATE REQUEST-----'];
        controller.certificateRequest.text = `${lines.join('\r\n')}\r\n`;
        return undefined;
      });
      return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'GeneratingCertificate' }] };
    },
  },
  {
    path: `${CERTIFICATE}/Actions/HpeHttpsCert.ImportCertificate`,
    post({ controller, caller }, body) {
      const isCertificate = asText(body['Certificate'])?.startsWith('-----BEGIN CERTIFICATE-----') === true;
      if (!isCertificate) return { status: 400, messages: [{ registry: 'iLO', key: 'ImportCertificateFailed' }] };
      const outcome = caller.perform('configure ilo', () => {
        controller.reset();
        return undefined;
      });
      return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'ImportCertSuccessfuliLOResetinProgress' }] };
    },
  },
];
