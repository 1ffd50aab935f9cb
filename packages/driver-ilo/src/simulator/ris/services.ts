import type { JsonObject } from '@ferric/core';
import type { Account } from '../machine/accounts.js';
import type { EventLog } from '../machine/event-log.js';
import { refuse } from '../outcome.js';
import { addAccount, changeAccount, removeAccount, withAccount } from '../rest/account-operation.js';
import { asObject, type Resource, type RestContext } from '../rest/resource.js';
import { collection, collectionOf, href, OK, resource } from './build.js';

const ACCOUNTS = 'AccountService/Accounts';

function showAccount(context: RestContext, account: Account): JsonObject {
  return resource(context, `${ACCOUNTS}/${account.id}`, 'ManagerAccount.1.0.0', {
    Description: 'iLO User Account',
    Id: account.id,
    Name: 'User Account',
    Oem: {
      Hp: {
        LoginName: account.name,
        Privileges: Object.fromEntries([...account.privileges].filter((privilege) => !privilege.startsWith('Host')).map((privilege) => [privilege, true])),
        Type: 'HpiLOAccount.1.0.0',
      },
    },
    Password: null,
    UserName: account.login,
  });
}

function logResources(above: string, name: 'IML' | 'IEL', logOf: (context: RestContext) => EventLog): readonly Resource[] {
  const path = `${above}/LogServices/${name}`;
  return [
    { path: `${above}/LogServices`, read: (context) => collection(context, `${above}/LogServices`, 'LogService.1', [path]) },
    {
      path,
      read: (context) =>
        resource(
          context,
          path,
          'LogService.1.0.0',
          { AvailableActions: [{ Action: 'ClearLog' }], Id: name, MaxNumberOfRecords: 1024, Name: name === 'IML' ? 'Integrated Management Log' : 'iLO Event Log' },
          { Entries: [href(context, `${path}/Entries`)] },
        ),
      post(context, body) {
        if (body['Action'] !== 'ClearLog') return refuse('unknown action', String(body['Action']));
        const outcome = context.caller.perform('clear log', () => {
          logOf(context).clear();
          return undefined;
        });
        return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'EventLogCleared' }] };
      },
    },
    ...collectionOf(`${path}/Entries`, 'LogEntry.1', (context) =>
      logOf(context).entries.map(({ number, severity, kind, text, at }) =>
        resource(context, `${path}/Entries/${number}`, 'LogEntry.1.0.0', {
          Created: at.toISOString().replace(/\.\d+/, ''),
          EntryType: 'Oem',
          Id: String(number),
          Message: text,
          Name: name === 'IML' ? 'Integrated Management Log' : 'iLO Event Log',
          Oem: { Hp: { ClassDescription: kind, Severity: severity } },
          Severity: { Informational: 'OK', Repaired: 'OK', Caution: 'Warning', Critical: 'Critical' }[severity],
        }),
      ),
    ),
  ];
}

function readThermal(context: RestContext, path: string): JsonObject {
  const { fans, thermometers } = context.machine.hardware;
  return resource(context, path, 'ThermalMetrics.1.0.0', {
    Fans: fans.map(({ name, percent }) => ({ CurrentReading: percent, FanName: name, Oem: { Hp: { Location: 'System', Type: 'HpServerFan.1.0.0' } }, Status: OK, Units: 'Percent' })),
    Name: 'Thermal Metrics',
    Temperatures: thermometers.map(({ name, context: place, celsius, caution, critical }, index) => ({
      Context: place,
      CurrentReading: celsius,
      LowerThresholdCritical: caution,
      LowerThresholdNonCritical: caution,
      Name: name,
      Number: index + 1,
      PhysicalContext: place,
      ReadingCelsius: celsius,
      Status: OK,
      Units: 'Celsius',
      UpperThresholdCritical: caution,
      UpperThresholdFatal: critical,
    })),
  });
}

function readPower(context: RestContext, path: string): JsonObject {
  const { hardware, power } = context.machine;
  const { consumption, powerSupplies } = hardware;
  const totals = {
    PowerCapacityWatts: powerSupplies.reduce((sum, { watts }) => sum + watts, 0),
    PowerConsumedWatts: power.isOn ? consumption.present : 0,
    PowerMetrics: { AverageConsumedWatts: consumption.average, IntervalInMin: 20, MaxConsumedWatts: consumption.maximum, MinConsumedWatts: consumption.minimum },
  };
  return resource(context, path, 'PowerMetrics.1.0.0', {
    Name: 'PowerMetrics',
    ...totals,
    // Source: HPE ilorest, ServerInfoCommand.py, which reads the totals here of every generation.
    PowerControl: [totals],
    PowerSupplies: powerSupplies.map(({ bay, model, serialNumber, watts, outputWatts }) => ({
      LastPowerOutputWatts: power.isOn ? outputWatts : 0,
      LineInputVoltage: 230,
      Model: model,
      Name: 'HpServerPowerSupply',
      Oem: { Hp: { BayNumber: bay, HotplugCapable: true, Type: 'HpServerPowerSupply.1.0.0' } },
      PowerCapacityWatts: watts,
      PowerSupplyType: 'AC',
      SerialNumber: serialNumber,
      Status: OK,
    })),
  });
}

export function showSession(context: RestContext, above: string, id: string): JsonObject | undefined {
  const session = context.controller.sessions.withId(id);
  if (session === undefined) return undefined;
  return resource(context, `${above}/${id}`, 'Session.1.0.0', { Description: 'Manager User Session', Id: id, Name: 'User Session', UserName: session.account.login });
}

/** Sessions, below the place where this interface has them. */
export function sessionResources(above: string): readonly Resource[] {
  return [
    {
      path: above,
      isOpen: true,
      read: (context) => collection(context, above, 'Session.1', context.controller.sessions.open.map(({ id }) => `${above}/${id}`)),
      // New sessions are made before anybody is known; see rest/sessions.ts.
      post: () => undefined,
    },
    {
      path: `${above}/{}`,
      read: (context, id) => showSession(context, above, id),
      remove(context, id) {
        const session = context.controller.sessions.withId(id);
        if (session !== undefined) context.controller.sessions.end(session);
        return undefined;
      },
    },
  ];
}

/** Chassis, whose two reports have a name of their own in each interface. */
export function chassisResources(names: { readonly power: string; readonly thermal: string }): readonly Resource[] {
  const [power, thermal] = [`Chassis/1/${names.power}`, `Chassis/1/${names.thermal}`];
  return [
    { path: 'Chassis', read: (context) => collection(context, 'Chassis', 'Chassis.1', ['Chassis/1']) },
    {
      path: 'Chassis/1',
      read: (context) =>
        resource(
          context,
          'Chassis/1',
          'Chassis.1.0.0',
          {
            ChassisType: 'RackMount',
            Id: '1',
            Manufacturer: 'HP',
            Model: context.machine.identity.productName,
            Name: 'Computer System Chassis',
            SerialNumber: context.machine.identity.serialNumber,
            Status: OK,
          },
          { ComputerSystems: [href(context, 'Systems/1')], ManagedBy: [href(context, 'Managers/1')], PowerMetrics: href(context, power), ThermalMetrics: href(context, thermal) },
        ),
    },
    { path: power, read: (context) => readPower(context, power) },
    { path: thermal, read: (context) => readThermal(context, thermal) },
  ];
}

/** Users and logs. */
export const SERVICE_RESOURCES: readonly Resource[] = [
  {
    path: 'AccountService',
    read: (context) =>
      resource(
        context,
        'AccountService',
        'AccountService.1.0.0',
        { Name: 'Account Service', Oem: { Hp: { MinPasswordLength: context.machine.accounts.minimumPasswordLength, Type: 'HpiLOAccountService.1.0.0' } } },
        { Accounts: href(context, ACCOUNTS) },
      ),
    writable: ['Oem.Hp.MinPasswordLength'],
    patch: ({ machine: { accounts }, caller }, body) =>
      caller.perform('configure ilo', () => {
        accounts.minimumPasswordLength = Number(asObject(asObject(body['Oem'])['Hp'])['MinPasswordLength'] ?? accounts.minimumPasswordLength);
        return undefined;
      }),
  },
  {
    path: ACCOUNTS,
    read(context) {
      const { all } = context.machine.accounts;
      return collection(context, ACCOUNTS, 'ManagerAccount.1', all.map(({ id }) => `${ACCOUNTS}/${id}`), all.map((account) => showAccount(context, account)));
    },
    post: (context, body) => addAccount(context, body, ACCOUNTS),
  },
  {
    path: `${ACCOUNTS}/{}`,
    read(context, id) {
      const account = context.machine.accounts.withId(id);
      return account === undefined ? undefined : showAccount(context, account);
    },
    writable: ['Password', 'Oem.Hp.LoginName', 'Oem.Hp.Privileges'],
    patch: (context, body, id) => withAccount(context, id, (account) => changeAccount(context, body, account)),
    remove: (context, id) => withAccount(context, id, (account) => removeAccount(context, account)),
  },
  ...logResources('Systems/1', 'IML', ({ machine }) => machine.managementLog),
  ...logResources('Managers/1', 'IEL', ({ machine }) => machine.iloLog),
];
