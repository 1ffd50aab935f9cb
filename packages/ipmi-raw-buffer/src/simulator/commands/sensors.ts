import { accept, CODE, decline, type ControllerReply, type ControllerRequest } from '../controller.js';
import type { StoredSensor } from '../records/sdr-repository.js';
import { encodeReading, type RawThresholds, readableThresholds, settableThresholds } from '../records/sensor-values.js';
import { byteAt } from '../wire/bytes.js';
import type { CommandDefinition } from './handlers.js';
import type { SensorTable } from './sensor-table.js';

const NETFN = 0x04;

/** What a command does with one sensor. */
type SensorCommand = (sensor: StoredSensor, table: SensorTable, request: ControllerRequest) => ControllerReply;

/** Finds the sensor that the first byte names. */
function withSensor(run: SensorCommand): CommandDefinition['handle'] {
  return (request, { bmc }) => {
    const sensor = bmc.sensors.find(request.lun, byteAt(request.data, 0));
    return sensor === undefined ? decline(CODE.notPresent) : run(sensor, bmc.sensors, request);
  };
}

/** Only events, so nothing that can be read. */
const unlessEventOnly =
  (run: SensorCommand): SensorCommand =>
  (sensor, table, request) =>
    sensor.kind === 'event-only' ? decline(CODE.illegalForType) : run(sensor, table, request);

const reading: SensorCommand = (sensor, table, { lun }) =>
  accept(...encodeReading(sensor, table.reading(lun, sensor.number), table.thresholds(lun, sensor)));

const getThresholds: SensorCommand = (sensor, table, { lun }) => {
  const mask = readableThresholds(sensor);
  return accept(mask, ...table.thresholds(lun, sensor).map((threshold, index) => ((mask & (1 << index)) === 0 ? 0 : threshold)));
};

const setThresholds: SensorCommand = (sensor, table, { lun, data }) => {
  const mask = byteAt(data, 1) & 0x3f;
  if ((mask & ~settableThresholds(sensor)) !== 0) return decline(CODE.illegalForType);
  const before = table.thresholds(lun, sensor);
  const after = before.map((threshold, index) => ((mask & (1 << index)) === 0 ? threshold : byteAt(data, 2 + index)));
  table.setThresholds(lun, sensor, after as unknown as RawThresholds);
  return accept();
};

/** Get Sensor Reading Factors: the next raw value they change at, then bytes 24..29 of the record. Source: IPMI 1.5, section 29.5. */
const factors: SensorCommand = (sensor, _table, { data }) => {
  if (sensor.kind !== 'full') return decline(CODE.illegalForType);
  return accept(byteAt(data, 1), ...sensor.record.subarray(24, 30));
};

const eventStatus: SensorCommand = (sensor, table, { lun }) => {
  const [, flags = 0, low = 0, high = 0] = encodeReading(sensor, table.reading(lun, sensor.number), table.thresholds(lun, sensor));
  return sensor.kind === 'full' && sensor.eventType === 1 ? accept(flags, 0, 0, 0, 0) : accept(flags, low, high & 0x7f, 0, 0);
};

export const SENSOR_COMMANDS: readonly CommandDefinition[] = [
  { netFn: NETFN, command: 0x23, privilege: 'user', least: 2, handle: withSensor(factors) },
  {
    netFn: NETFN,
    command: 0x24,
    privilege: 'operator',
    least: 4,
    handle: withSensor((sensor, table, { lun, data }) => {
      table.setHysteresis(lun, sensor, [byteAt(data, 2), byteAt(data, 3)]);
      return accept();
    }),
  },
  {
    netFn: NETFN,
    command: 0x25,
    privilege: 'user',
    least: 2,
    handle: withSensor(unlessEventOnly((sensor, table, { lun }) => accept(...table.hysteresis(lun, sensor)))),
  },
  { netFn: NETFN, command: 0x26, privilege: 'operator', least: 8, handle: withSensor(setThresholds) },
  { netFn: NETFN, command: 0x27, privilege: 'user', least: 1, handle: withSensor(unlessEventOnly(getThresholds)) },
  {
    netFn: NETFN,
    command: 0x28,
    privilege: 'operator',
    least: 2,
    handle: withSensor((sensor, table, { lun, data }) => {
      table.setEvents(lun, sensor, data.subarray(1, 6));
      return accept();
    }),
  },
  { netFn: NETFN, command: 0x29, privilege: 'user', least: 1, handle: withSensor((sensor, table, { lun }) => accept(...table.events(lun, sensor))) },
  { netFn: NETFN, command: 0x2a, privilege: 'operator', least: 1, handle: withSensor(() => accept()) },
  { netFn: NETFN, command: 0x2b, privilege: 'user', least: 1, handle: withSensor(unlessEventOnly(eventStatus)) },
  { netFn: NETFN, command: 0x2d, privilege: 'user', least: 1, handle: withSensor(unlessEventOnly(reading)) },
  { netFn: NETFN, command: 0x2f, privilege: 'user', least: 1, handle: withSensor((sensor) => accept(sensor.sensorType, sensor.eventType)) },
];
