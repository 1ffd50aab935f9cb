import { type CallOptions, FerricError, invalidOptions, type JsonValue, printValue } from '@ferric/core';
import { findLink, oem, oemKey, readIfThere, reader, readMembers, requireLink, type Resource } from '@ferric/redfish';
import type { IloSecurity, IloSecurityReport } from '../ilo-client.js';
import type { Perform, RestCall } from '../operations/perform.js';

const LONGEST_MINIMUM = 39;
const THRESHOLDS: readonly number[] = [0, 1, 2, 3, 5];

/** Properties of the account service that can be set, and to what. Source: HPE iLO 5 RESTful API, HpeiLOAccountService. */
const POLICIES = {
  MinPasswordLength: { fits: (value: number) => value >= 0 && value <= LONGEST_MINIMUM, expected: `a whole number from 0 to ${LONGEST_MINIMUM}` },
  AuthFailureLoggingThreshold: { fits: (value: number) => THRESHOLDS.includes(value), expected: `one of ${THRESHOLDS.join(', ')}` },
} as const;

/** Source: HPE iLO 5 RESTful API, HpeiLOSecurityService and HpeiLOSecurityDashboard. */
export function createSecurity(perform: Perform): IloSecurity {
  const change = async (name: keyof typeof POLICIES, value: number, options?: CallOptions): Promise<void> => {
    const { fits, expected } = POLICIES[name];
    if (!Number.isInteger(value) || !fits(value)) {
      throw invalidOptions('iLO security', [{ field: name, problem: 'invalid', expected, received: printValue(value) }]);
    }
    await perform('security', { rest: (call) => changeAccountService(call, name, value) }, options);
  };
  return {
    read: (options) => perform('security', { rest: readReport }, options),
    setIgnored: (parameter, ignored, options) => perform('security', { rest: (call) => setIgnored(call, parameter, ignored) }, options),
    setMinimumPasswordLength: (length, options) => change('MinPasswordLength', length, options),
    setLoginFailureThreshold: (failures, options) => change('AuthFailureLoggingThreshold', failures, options),
  };
}

/** The dashboard and its parameters. */
export interface Dashboard {
  readonly overall: string | null;
  readonly parameters: readonly Resource[];
}

/** Also for the inventory. */
export async function readDashboard({ client, options, manager }: RestCall): Promise<Dashboard> {
  const service = await client.read(requireLink(await manager(), 'SecurityService'), options);
  const dashboard = await client.read(requireLink(service, 'SecurityDashboard'), options);
  const overall = reader(dashboard.body, dashboard.path).text('OverallSecurityStatus') ?? null;
  return { overall, parameters: await readMembers(client, requireLink(dashboard, 'SecurityParameters'), options) };
}

async function readReport(call: RestCall): Promise<IloSecurityReport> {
  const { overall, parameters } = await readDashboard(call);
  return {
    overallStatus: overall,
    parameters: parameters.map(({ body, path }) => {
      const fields = reader(body, path);
      return {
        name: fields.requiredText('Name'),
        status: fields.text('SecurityStatus') ?? 'Unknown',
        state: fields.text('State') ?? null,
        ignored: fields.boolean('Ignore') ?? false,
      };
    }),
    settings: await readSettings(call),
  };
}

async function readSettings(call: RestCall): Promise<Readonly<Record<string, JsonValue>>> {
  const { client, options } = call;
  const manager = await call.manager();
  const own = reader(oem(manager.body), manager.path, 'Oem.');
  const networkPath = findLink(manager, 'NetworkProtocol');
  const network = networkPath === undefined ? undefined : await readIfThere(client, networkPath, options);
  const accounts = await accountService(call);
  const policy = reader(oem(accounts.body), accounts.path, 'Oem.');
  const told: Readonly<Record<string, JsonValue | undefined>> = {
    require_login_for_ilo_rbsu: own.boolean('RequiredLoginForiLORBSU'),
    require_host_authentication: own.boolean('RequireHostAuthentication'),
    ipmi_over_lan: network === undefined ? undefined : reader(network.body, network.path).child('IPMI').boolean('ProtocolEnabled'),
    enforce_password_complexity: policy.boolean('EnforcePasswordComplexity'),
    minimum_password_length: policy.integer('MinPasswordLength'),
    authentication_failure_logging: policy.integer('AuthFailureLoggingThreshold'),
  };
  return Object.fromEntries(Object.entries(told).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

async function accountService({ client, options }: RestCall): Promise<Resource> {
  return client.read(requireLink(await client.root(options), 'AccountService'), options);
}

async function setIgnored(call: RestCall, name: string, ignored: boolean): Promise<void> {
  const { parameters } = await readDashboard(call);
  const names = parameters.map(({ body, path }) => reader(body, path).text('Name') ?? '');
  const found = parameters[names.findIndex((each) => each.toLowerCase() === name.toLowerCase())];
  if (found === undefined) {
    throw new FerricError('NOT_FOUND', `The security dashboard has no parameter ${name}`, {
      details: { address: call.address, parameter: name },
      hint: `It has ${names.join(', ')}.`,
    });
  }
  const present = await call.client.read(found.path, call.options);
  if (reader(present.body, present.path).boolean('Ignore') !== ignored) await call.client.change(present, { Ignore: ignored }, call.options);
}

async function changeAccountService(call: RestCall, name: string, value: number): Promise<void> {
  const service = await accountService(call);
  const present = reader(oem(service.body), service.path, 'Oem.').integer(name);
  if (present === undefined) throw new FerricError('UNSUPPORTED', `${service.path} has no ${name}`, { details: { resource: service.path, property: name } });
  if (present !== value) await call.client.change(service, { Oem: { [oemKey(service.body) ?? 'Hpe']: { [name]: value } } }, call.options);
}
