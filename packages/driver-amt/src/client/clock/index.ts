export type { Alarm, NewAlarm } from './alarms.js';
export { createClockCalls } from './clock-calls.js';
export type { ClockCalls, TimeSource } from './clock-calls.js';
export { clockDifference } from './device-clock.js';
export type { DeviceTime, Synchronisation } from './device-clock.js';
