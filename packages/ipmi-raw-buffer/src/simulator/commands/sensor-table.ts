import type { VirtualReading } from '../options.js';
import { sensorKey, type SdrRepository, type StoredSensor } from '../records/sdr-repository.js';
import { type RawThresholds, recordThresholds } from '../records/sensor-values.js';
import { byteAt } from '../wire/bytes.js';

/** What commands changed of one sensor. */
interface Changed {
  reading?: VirtualReading;
  thresholds?: RawThresholds;
  hysteresis?: readonly [number, number];
  /** Flags and masks of Set Sensor Event Enable. */
  events?: Uint8Array;
}

/** The sensors of one BMC: those of its records, with what was changed since. */
export class SensorTable {
  readonly #repository: SdrRepository;
  readonly #readings: Readonly<Record<number, VirtualReading>>;
  #changed: Map<number, Changed> | undefined;

  constructor(repository: SdrRepository, readings: Readonly<Record<number, VirtualReading>>) {
    this.#repository = repository;
    this.#readings = readings;
  }

  find(lun: number, number: number): StoredSensor | undefined {
    return this.#repository.sensors.get(sensorKey(lun, number));
  }

  reading(lun: number, number: number): VirtualReading {
    return this.#changed?.get(sensorKey(lun, number))?.reading ?? this.#readings[number] ?? {};
  }

  setReading(lun: number, number: number, reading: VirtualReading): void {
    this.#change(lun, number).reading = reading;
  }

  thresholds(lun: number, sensor: StoredSensor): RawThresholds {
    return this.#changed?.get(sensorKey(lun, sensor.number))?.thresholds ?? recordThresholds(sensor);
  }

  setThresholds(lun: number, sensor: StoredSensor, thresholds: RawThresholds): void {
    this.#change(lun, sensor.number).thresholds = thresholds;
  }

  /** Positive and negative, in raw counts. */
  hysteresis(lun: number, sensor: StoredSensor): readonly [number, number] {
    const [positive, negative] = sensor.kind === 'full' ? [42, 43] : [25, 26];
    return this.#changed?.get(sensorKey(lun, sensor.number))?.hysteresis ?? [byteAt(sensor.record, positive), byteAt(sensor.record, negative)];
  }

  setHysteresis(lun: number, sensor: StoredSensor, hysteresis: readonly [number, number]): void {
    this.#change(lun, sensor.number).hysteresis = hysteresis;
  }

  /** Flags, then the masks of assertions and deassertions as Get Sensor Event Enable tells them. */
  events(lun: number, sensor: StoredSensor): Uint8Array {
    const own = this.#changed?.get(sensorKey(lun, sensor.number))?.events;
    if (own !== undefined) return own;
    const all = 0xc0;
    if (sensor.kind === 'event-only') return Uint8Array.of(all);
    const { record } = sensor;
    // In records of sensors with thresholds the four highest bits mean something else.
    const highMask = sensor.eventType === 1 ? 0x0f : 0x7f;
    return Uint8Array.of(all, byteAt(record, 14), byteAt(record, 15) & highMask, byteAt(record, 16), byteAt(record, 17) & highMask);
  }

  setEvents(lun: number, sensor: StoredSensor, events: Uint8Array): void {
    this.#change(lun, sensor.number).events = Uint8Array.from(events);
  }

  #change(lun: number, number: number): Changed {
    this.#changed ??= new Map();
    const key = sensorKey(lun, number);
    const changed = this.#changed.get(key) ?? {};
    this.#changed.set(key, changed);
    return changed;
  }
}
