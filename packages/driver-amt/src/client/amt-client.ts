import { type Clock, systemClock } from '@ferric/core';
import { type BootCalls, createBootCalls } from './boot/index.js';
import type { AmtCallParts } from './call-parts.js';
import { type ClockCalls, createClockCalls } from './clock/index.js';
import { type ConsentCalls, createConsentCalls } from './consent/index.js';
import { createInventoryCalls, type InventoryCalls } from './inventory/index.js';
import { createLogCalls, type LogCalls } from './logs/index.js';
import { createPowerCalls, type PowerCalls, type PowerPacing } from './power/index.js';
import { createSettingsCalls, type SettingsCalls } from './settings/index.js';
import { createWsman, type Wsman, type WsmanClient, type WsmanSettings } from './wsman/index.js';

/**
 * One Intel AMT device in typed calls. Nothing is sent before the first call; all calls share one connection and one request in flight.
 * Every call takes `{ signal, timeoutMs }` and throws what {@link Wsman} throws; PROTOCOL_FAULT names the class and the field that was not as
 * the class says.
 */
export interface AmtClient<W extends Wsman = Wsman> extends AsyncDisposable {
  readonly power: PowerCalls;
  /** What the next boot does. */
  readonly boot: BootCalls;
  readonly inventory: InventoryCalls;
  /** Event log and audit log. */
  readonly logs: LogCalls;
  /** The clock of the device and its alarms. */
  readonly clock: ClockCalls;
  /** The agreement of the user in front of the machine. */
  readonly consent: ConsentCalls;
  /** Settings of the management engine, control mode included. */
  readonly settings: SettingsCalls;
  /** For classes and methods that the typed calls do not cover. */
  readonly wsman: W;
}

/** What is not about the connection. */
export interface AmtCallSettings {
  /** Default: the clock of this machine. */
  readonly clock?: Clock | undefined;
  /** Pauses of power requests. Default: those that real machines need. */
  readonly powerPacing?: Partial<PowerPacing> | undefined;
}

export interface AmtClientSettings extends WsmanSettings, AmtCallSettings {}

/**
 * Makes a client of one device.
 * @throws INVALID_OPTIONS for settings that cannot be used.
 */
export function createAmtClient(settings: AmtClientSettings): AmtClient<WsmanClient> {
  return composeAmtClient(createWsman(settings), settings);
}

/** The typed calls over a {@link Wsman} that exists; disposing the client disposes it. */
export function composeAmtClient<W extends Wsman>(wsman: W, settings: AmtCallSettings = {}): AmtClient<W> {
  const parts: AmtCallParts = { clock: settings.clock ?? systemClock };
  return {
    power: createPowerCalls(wsman, { ...parts, powerPacing: settings.powerPacing }),
    boot: createBootCalls(wsman, parts),
    inventory: createInventoryCalls(wsman, parts),
    logs: createLogCalls(wsman, parts),
    clock: createClockCalls(wsman, parts),
    consent: createConsentCalls(wsman),
    settings: createSettingsCalls(wsman, parts),
    wsman,
    [Symbol.asyncDispose]: () => wsman[Symbol.asyncDispose](),
  };
}
