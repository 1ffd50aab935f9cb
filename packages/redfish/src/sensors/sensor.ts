/** One measured value. */
export interface Sensor {
  readonly name: string;
  readonly kind: SensorKind;
  /** Undefined when there is no value at the moment. */
  readonly value: number | undefined;
  /** `degrees C`, `RPM`, `%`, `V`, `A`, `W`, or in the controller's own words. */
  readonly unit: string | undefined;
  /** `OK`, `Warning`, `Critical`; undefined when the controller does not tell. */
  readonly health: string | undefined;
  /** `Enabled`, `Absent`, ... */
  readonly state: string | undefined;
  readonly thresholds: SensorThresholds;
  /** Where it is, such as `CPU` or `Intake`. */
  readonly context: string | undefined;
}

export type SensorKind = 'temperature' | 'fan' | 'voltage' | 'current' | 'power' | 'power supply' | 'other';

export interface SensorThresholds {
  readonly lowerFatal?: number;
  readonly lowerCritical?: number;
  readonly lowerCaution?: number;
  readonly upperCaution?: number;
  readonly upperCritical?: number;
  readonly upperFatal?: number;
}
