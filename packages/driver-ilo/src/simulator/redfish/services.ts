import type { JsonObject } from '@ferric/core';
import type { Account } from '../machine/accounts.js';
import type { EventLog } from '../machine/event-log.js';
import { refuse } from '../outcome.js';
import { addAccount, changeAccount, removeAccount, showPrivileges, withAccount } from '../rest/account-operation.js';
import { asObject, asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, oem, OK, resource } from './build.js';

const ACCOUNTS = 'AccountService/Accounts';
const UPDATE = 'UpdateService';
const INVENTORY = `${UPDATE}/FirmwareInventory`;

function showAccount(context: RestContext, account: Account): JsonObject {
  return resource(context, `${ACCOUNTS}/${account.id}`, 'ManagerAccount', {
    Name: 'User Account',
    Description: 'iLO User Account',
    Oem: oem(context, 'HpeiLOAccount', {
      LoginName: account.name,
      Privileges: showPrivileges(account),
    }),
    Password: null,
    UserName: account.login,
  });
}

/** Where updates wait, and what they are made of: always empty, since nothing is ever uploaded. Source: HPE ilorest, "iLO REPOSITORY COMMANDS"; all links but that to the windows are recorded. */
const REPOSITORY = [
  { name: 'ComponentRepository', type: 'HpeComponentCollection' },
  { name: 'InstallSets', type: 'HpeComponentInstallSetCollection' },
  { name: 'MaintenanceWindows', type: 'HpeMaintenanceWindowCollection' },
  { name: 'UpdateTaskQueue', type: 'HpeComponentUpdateTaskCollection' },
] as const;

function readUpdateService(context: RestContext): JsonObject {
  const { firmware } = context.machine;
  return resource(context, UPDATE, 'UpdateService', {
    Name: 'Update Service',
    Actions: { '#UpdateService.SimpleUpdate': { target: context.href(`${UPDATE}/Actions/UpdateService.SimpleUpdate`) } },
    FirmwareInventory: link(context, INVENTORY),
    HttpPushUri: '/cgi-bin/uploadFile',
    Oem: oem(context, 'HpeiLOUpdateServiceExt', {
      ...Object.fromEntries(REPOSITORY.map(({ name }) => [name, link(context, `${UPDATE}/${name}`)])),
      State: firmware.state,
      ...(firmware.isUpdating ? { FlashProgressPercent: firmware.percent } : {}),
      Result: firmware.state === 'Error' ? { MessageId: 'Update.0.1.ImageInvalid' } : { MessageId: 'Update.0.1.Success' },
    }),
    ServiceEnabled: true,
  });
}

/** A log, below its service: the service, its entries, and how it is cleared. */
function logResources(above: string, name: 'IML' | 'IEL', logOf: (context: RestContext) => EventLog): readonly Resource[] {
  const path = `${above}/LogServices/${name}`;
  const show = (context: RestContext, number: number): JsonObject | undefined => {
    const entry = logOf(context).entries.find((each) => each.number === number);
    if (entry === undefined) return undefined;
    return resource(context, `${path}/Entries/${number}`, 'LogEntry', {
      Name: name === 'IML' ? 'Integrated Management Log' : 'iLO Event Log',
      Created: entry.at.toISOString().replace(/\.\d+/, ''),
      EntryType: 'Oem',
      Message: entry.text,
      Oem: oem(context, 'HpeLogEntry', { ClassDescription: entry.kind, Repaired: entry.severity === 'Repaired', Severity: entry.severity }),
      OemRecordFormat: 'Hpe-iLOEventLog',
      Severity: { Informational: 'OK', Repaired: 'OK', Caution: 'Warning', Critical: 'Critical' }[entry.severity],
    });
  };
  return [
    { path: `${above}/LogServices`, read: (context) => collection(context, `${above}/LogServices`, 'LogServiceCollection', [path]) },
    {
      path,
      read: (context) =>
        resource(context, path, 'LogService', {
          Name: name === 'IML' ? 'Integrated Management Log' : 'iLO Event Log',
          Actions: { '#LogService.ClearLog': { target: context.href(`${path}/Actions/LogService.ClearLog`) } },
          Entries: link(context, `${path}/Entries`),
          MaxNumberOfRecords: 1024,
          OverWritePolicy: 'WrapsWhenFull',
        }),
    },
    {
      path: `${path}/Actions/LogService.ClearLog`,
      post(context) {
        const outcome = context.caller.perform('clear log', () => {
          logOf(context).clear();
          return undefined;
        });
        return outcome ?? { status: 200, messages: [{ registry: 'iLO', key: 'EventLogCleared' }] };
      },
    },
    {
      path: `${path}/Entries`,
      read: (context) => collection(context, `${path}/Entries`, 'LogEntryCollection', logOf(context).entries.map(({ number }) => `${path}/Entries/${number}`)),
    },
    { path: `${path}/Entries/{}`, read: (context, number) => show(context, Number(number)) },
  ];
}

/** Users, logs, firmware. */
export const SERVICE_RESOURCES: readonly Resource[] = [
  {
    path: 'AccountService',
    read: (context) =>
      resource(context, 'AccountService', 'AccountService', {
        Name: 'Account Service',
        Accounts: link(context, ACCOUNTS),
        Oem: oem(context, 'HpeiLOAccountService', {
          AuthFailureDelayTimeSeconds: 10,
          AuthFailureLoggingThreshold: context.machine.accounts.failureLoggingThreshold,
          AuthFailuresBeforeDelay: 1,
          EnforcePasswordComplexity: context.machine.accounts.enforcesComplexity,
          MinPasswordLength: context.machine.accounts.minimumPasswordLength,
        }),
      }),
    writable: ['Oem.Hpe.AuthFailureLoggingThreshold', 'Oem.Hpe.EnforcePasswordComplexity', 'Oem.Hpe.MinPasswordLength'],
    patch({ machine: { accounts }, caller }, body) {
      const wanted = asObject(asObject(body['Oem'])['Hpe']);
      return caller.perform('configure ilo', () => {
        accounts.failureLoggingThreshold = Number(wanted['AuthFailureLoggingThreshold'] ?? accounts.failureLoggingThreshold);
        accounts.minimumPasswordLength = Number(wanted['MinPasswordLength'] ?? accounts.minimumPasswordLength);
        if (wanted['EnforcePasswordComplexity'] !== undefined) accounts.enforcesComplexity = wanted['EnforcePasswordComplexity'] === true;
        return undefined;
      });
    },
  },
  {
    path: ACCOUNTS,
    read: (context) => collection(context, ACCOUNTS, 'ManagerAccountCollection', context.machine.accounts.all.map(({ id }) => `${ACCOUNTS}/${id}`)),
    post: (context, body) => addAccount(context, body, ACCOUNTS),
  },
  {
    path: `${ACCOUNTS}/{}`,
    read(context, id) {
      const account = context.machine.accounts.withId(id);
      return account === undefined ? undefined : showAccount(context, account);
    },
    writable: ['Password', 'Oem.Hpe.LoginName', 'Oem.Hpe.Privileges'],
    patch: (context, body, id) => withAccount(context, id, (account) => changeAccount(context, body, account)),
    remove: (context, id) => withAccount(context, id, (account) => removeAccount(context, account)),
  },
  ...logResources('Systems/1', 'IML', ({ machine }) => machine.managementLog),
  ...logResources('Managers/1', 'IEL', ({ machine }) => machine.iloLog),
  { path: UPDATE, read: readUpdateService },
  {
    path: `${UPDATE}/Actions/UpdateService.SimpleUpdate`,
    post({ machine, caller }, body) {
      const image = asText(body['ImageURI']);
      return image === undefined ? refuse('missing property', 'ImageURI') : caller.perform('update firmware', () => machine.firmware.update(image));
    },
  },
  ...REPOSITORY.map(({ name, type }): Resource => ({ path: `${UPDATE}/${name}`, read: (context) => collection(context, `${UPDATE}/${name}`, type, []) })),
  { path: INVENTORY, read: (context) => collection(context, INVENTORY, 'SoftwareInventoryCollection', context.machine.firmware.components.map(({ id }) => `${INVENTORY}/${id}`)) },
  {
    path: `${INVENTORY}/{}`,
    read(context, id) {
      const component = context.machine.firmware.component(id);
      if (component === undefined) return undefined;
      return resource(context, `${INVENTORY}/${id}`, 'SoftwareInventory', {
        Name: component.name,
        Description: component.name,
        Oem: oem(context, 'HpeiLOSoftwareInventory', { DeviceContext: component.location }),
        Status: OK,
        Updateable: ['ilo', 'bios', 'cpld', 'power_pic'].includes(id),
        Version: component.version,
      });
    },
  },
];
