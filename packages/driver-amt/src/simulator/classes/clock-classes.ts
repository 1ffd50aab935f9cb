import { Buffer } from 'node:buffer';
import { type Alarm, MOST_ALARMS } from '../machine/clock-unit.js';
import { classUri } from '../soap/namespaces.js';
import { SoapFault } from '../soap/soap-fault.js';
import { datetime, type Fields, NOWHERE } from '../soap/value.js';
import { type AmtClass, fixedClass, type Input, type Method, readInput, returns, SERVICE_KEYS, timeText } from './amt-class.js';

/** ReturnValues of AMT_TimeSynchronizationService, which are PT_STATUS. Source: Intel AMT Implementation and Reference Guide, "Synchronize Network Time". */
const RETURN = { done: 0, invalidParameter: 36, flashWriteLimit: 38 } as const;
const OCCURRENCE = 'IPS_AlarmClockOccurrence';

const getTime: Method = {
  parameters: [],
  changes: false,
  call: (machine) => ({ output: { Ta0: machine.seconds(), ReturnValue: RETURN.done } }),
};

/** Ta0: what the device said its time was. Tm1, Tm2: the sender's time when it heard that, and now. All in seconds since 1970. */
const setTime: Method = {
  parameters: ['Ta0', 'Tm1', 'Tm2'],
  required: ['Ta0', 'Tm1', 'Tm2'],
  changes: true,
  call(machine, input, caller) {
    const [said, heard, now] = [input.number('Ta0'), input.number('Tm1'), input.number('Tm2')];
    if (said > machine.seconds() || heard > now) return returns(RETURN.invalidParameter);
    if (!machine.flash.write()) return returns(RETURN.flashWriteLimit);
    return returns(RETURN.done, () => {
      machine.clock.set(new Date(now * 1000));
      const stamp = Buffer.alloc(4);
      stamp.writeUInt32BE(now);
      machine.audit('timeSet', caller.username, caller.address, stamp);
    });
  },
};

/** `P<days>DT<hours>H<minutes>M`, each part optional. Source: Intel AMT Implementation and Reference Guide, "Alarm Clock". */
const INTERVAL = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;

function minutesOf(interval: string): number {
  const [matched, days = '0', hours = '0', minutes = '0'] = INTERVAL.exec(interval) ?? [];
  if (matched === undefined) throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
}

function intervalOf(minutes: number): string {
  return `P${Math.floor(minutes / 1440)}DT${Math.floor((minutes % 1440) / 60)}H${minutes % 60}M`;
}

const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** @throws SoapFault for a template that is no alarm */
function readAlarm(template: Input): Alarm {
  const instanceId = template.text('InstanceID') ?? '';
  const start = timeText(template.element('StartTime'), 'Datetime') ?? '';
  if (instanceId === '' || start === '') throw new SoapFault('InvalidRepresentation', { detail: 'MissingValues' });
  // Fractions of a second are refused.
  if (!WHOLE_SECONDS.test(start) || Number.isNaN(Date.parse(start))) throw new SoapFault('InvalidRepresentation', { detail: 'InvalidValues' });
  const interval = timeText(template.element('Interval'), 'Interval');
  return {
    instanceId,
    elementName: template.text('ElementName') ?? instanceId,
    startTime: new Date(start),
    intervalMinutes: interval === undefined ? 0 : minutesOf(interval),
    deleteOnCompletion: template.text('DeleteOnCompletion') === 'true',
  };
}

const addAlarm: Method = {
  parameters: ['AlarmTemplate'],
  required: ['AlarmTemplate'],
  changes: true,
  call({ clock }, input) {
    const alarm = readAlarm(readInput(input.element('AlarmTemplate'), classUri(OCCURRENCE)));
    // The detail says something else than one would think; it is what device-management-toolkit/mps recorded for a second alarm of one name.
    if (clock.alarms.has(alarm.instanceId)) throw new SoapFault('InvalidRepresentation', { detail: 'MissingValues' });
    if (clock.alarms.size >= MOST_ALARMS) throw new SoapFault('QuotaLimit');
    return {
      output: { AlarmClock: NOWHERE, ReturnValue: RETURN.done },
      apply: () => void clock.add(alarm),
    };
  },
};

function occurrence(alarm: Alarm): Fields {
  return {
    DeleteOnCompletion: alarm.deleteOnCompletion, ElementName: alarm.elementName, InstanceID: alarm.instanceId,
    Interval: { kind: 'Interval', text: intervalOf(alarm.intervalMinutes) }, StartTime: datetime(alarm.startTime),
  };
}

const serviceFields = (name: string, title: string, system: string, more: Fields): Fields => {
  const keys = { CreationClassName: name, Name: title, SystemCreationClassName: 'CIM_ComputerSystem', SystemName: system };
  const fields: Fields = { ...keys, ElementName: title, ...more };
  return Object.fromEntries(Object.entries(fields).toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

export const CLOCK_CLASSES: readonly AmtClass[] = [
  fixedClass(
    'AMT_TimeSynchronizationService', SERVICE_KEYS,
    [serviceFields('AMT_TimeSynchronizationService', 'Intel(r) AMT Time Synchronization Service', 'Intel(r) AMT', {
      EnabledState: 5, LocalTimeSyncEnabled: 0, RequestedState: 12, TimeSource: 0,
    })],
    { dated: true, methods: { GetLowAccuracyTimeSynch: getTime, SetHighAccuracyTimeSynch: setTime } },
  ),
  fixedClass(
    'AMT_AlarmClockService', SERVICE_KEYS,
    [serviceFields('AMT_AlarmClockService', 'Intel(r) AMT Alarm Clock Service', 'ManagedSystem', {})],
    { since: 6, dated: true, methods: { AddAlarm: addAlarm } },
  ),
  {
    name: OCCURRENCE, keys: ['InstanceID'], since: 6, dated: true,
    instances: ({ clock }) => [...clock.alarms.values()].map((alarm) => ({ className: OCCURRENCE, fields: occurrence(alarm) })),
    remove: ({ clock }, { fields }) => () => void clock.remove(String(fields['InstanceID'])),
  },
];
