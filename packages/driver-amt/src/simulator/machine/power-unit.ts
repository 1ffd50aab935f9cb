import { type Clock, createPowerSwitch, type PowerSwitch, type Timer } from '@ferric/core';
import type { Generation } from '../generations.js';
import type { BootUnit } from './boot-unit.js';
import { availableRequests, hasPower, isRunning, POWER_REQUEST, POWER_STATE } from './power-states.js';

/** How the system on a machine, and its firmware, take requests. May be changed while it runs. */
export interface PowerBehaviour {
  /** The local management service runs, so that the system can be asked to sleep or to end. Default true. */
  hasLocalService: boolean;
  /** Connected standby instead of sleep. Default false. */
  hasConnectedStandby: boolean;
  /** How long a change takes; meanwhile PowerState is a transient one. Milliseconds, default 0: at once. */
  transitionMs: number;
  /** How long the system takes to end when it is asked to. Milliseconds, default 0. */
  shutdownMs: number;
  /** The system does not end, or sleep, when it is asked to. Default false. */
  ignoresSystemRequests: boolean;
  /** What hibernating leads to: 7, or 8 on machines that go off instead. */
  hibernatesTo: number;
  /** What sleeping leads to: 4, or 2 on machines that stay on instead. */
  sleepsTo: number;
  /** Switching on what is on is done, without effect; else it is refused. Default false. */
  acceptsOnWhenOn: boolean;
  /** Requests that come sooner than this after the last one are answered with 4099. Milliseconds, default 0. */
  minimumIntervalMs: number;
}

/** ReturnValues of RequestPowerStateChange. Source: DMTF CIM schema, CIM_PowerManagementService. */
const RETURN = { done: 0, failed: 2, busy: 4099 } as const;

/** A request that was looked at: the answer, and what is to be done if anything. */
export interface Decision {
  readonly returnValue: number;
  readonly apply: () => void;
}

export interface PowerUnit extends Disposable {
  readonly power: PowerSwitch;
  readonly behaviour: PowerBehaviour;
  /** PowerState. Setting it is what a person at the machine does. */
  state: number;
  /** The system saves power in connected standby. */
  inStandby: boolean;
  /** A redirection session is open, during which the machine cannot be switched off. */
  hasRedirectionSession: boolean;
  readonly nmis: number;
  available(): readonly number[];
  decide(request: number): Decision;
}

const REDIRECTION_REFUSES: ReadonlySet<number> = new Set([POWER_REQUEST.off, POWER_REQUEST.cycle, POWER_REQUEST.softOff]);
const REFUSED: Decision = { returnValue: RETURN.failed, apply: () => undefined };

/** Who is told of what happens, before anybody else. */
export interface PowerListeners {
  /** The machine starts. */
  readonly started: () => void;
  /** A redirection session begins or ends. */
  readonly session: (isOpen: boolean) => void;
}

export function createPowerUnit(generation: Generation, clock: Clock, boot: BootUnit, listeners: PowerListeners): PowerUnit {
  const power = createPowerSwitch('power off');
  const behaviour: PowerBehaviour = {
    hasLocalService: true, hasConnectedStandby: false, transitionMs: 0, shutdownMs: 0, ignoresSystemRequests: false,
    hibernatesTo: POWER_STATE.hibernate, sleepsTo: POWER_STATE.deepSleep, acceptsOnWhenOn: false, minimumIntervalMs: 0,
  };
  let current: number = POWER_STATE.offSoft;
  let inStandby = false;
  let nmis = 0;
  let hasSession = false;
  let lastRequestAt = Number.NEGATIVE_INFINITY;
  let change: Timer | undefined;

  const start = (): void => {
    boot.start();
    listeners.started();
  };

  /** Changes the state at once. A machine that comes from off, or is reset, starts. */
  const become = (state: number, isReset = false): void => {
    change?.[Symbol.dispose]();
    change = undefined;
    const wasOff = !hasPower(current);
    current = state;
    inStandby = false;
    if (isRunning(state) && (wasOff || isReset)) start();
    if (isReset) power.reset();
    else power.state.power = hasPower(state) ? 'power on' : 'power off';
  };

  // Somebody writes to the state of the virtual device: the button of the machine.
  power.watch((happened) => {
    if (happened === 'on' && !hasPower(current)) become(POWER_STATE.on);
    else if (happened === 'off' && hasPower(current)) become(POWER_STATE.offSoft);
  });

  const later = (ms: number, action: () => void): void => {
    change?.[Symbol.dispose]();
    change = undefined;
    if (ms <= 0) action();
    else change = clock.after(ms, action);
  };
  /** Shows a transient state until the time is over. */
  const pass = (transient: number, action: () => void): void => {
    if (behaviour.transitionMs > 0) become(transient);
    later(behaviour.transitionMs, action);
  };
  const bySystem = (action: () => void): void => {
    if (!behaviour.ignoresSystemRequests) later(behaviour.shutdownMs, action);
  };

  const cycle = (): void => {
    become(POWER_STATE.offSoft);
    become(POWER_STATE.on);
  };
  const wakeUp = (): void => {
    inStandby = false;
    become(POWER_STATE.on);
  };

  const actions: Readonly<Record<number, () => void>> = {
    [POWER_REQUEST.on]: () => later(behaviour.transitionMs, wakeUp),
    [POWER_REQUEST.sleep]: () => bySystem(() => become(behaviour.sleepsTo)),
    [POWER_REQUEST.cycle]: () => pass(POWER_STATE.cyclingSoft, cycle),
    [POWER_REQUEST.hibernate]: () => bySystem(() => become(behaviour.hibernatesTo)),
    [POWER_REQUEST.off]: () => later(behaviour.transitionMs, () => become(POWER_STATE.offSoft)),
    [POWER_REQUEST.reset]: () => pass(POWER_STATE.busReset, () => become(POWER_STATE.on, true)),
    [POWER_REQUEST.nmi]: () => void (nmis += 1),
    [POWER_REQUEST.softOff]: () => bySystem(() => become(POWER_STATE.offSoft)),
    [POWER_REQUEST.softReset]: () => bySystem(() => become(POWER_STATE.on, true)),
  };

  const unit: PowerUnit = {
    power,
    behaviour,
    get hasRedirectionSession() {
      return hasSession;
    },
    set hasRedirectionSession(isOpen) {
      hasSession = isOpen;
      listeners.session(isOpen);
    },
    get state() {
      return current;
    },
    set state(state) {
      become(state);
    },
    get inStandby() {
      return inStandby;
    },
    set inStandby(value) {
      inStandby = value && isRunning(current);
    },
    get nmis() {
      return nmis;
    },
    available: () => availableRequests({ state: current, generation, ...behaviour }),
    decide(request) {
      const action = actions[request];
      const isNoChange = request === POWER_REQUEST.on && isRunning(current) && behaviour.acceptsOnWhenOn;
      if (isNoChange) return { returnValue: RETURN.done, apply: () => undefined };
      if (action === undefined || !unit.available().includes(request)) return REFUSED;
      if (hasSession && REDIRECTION_REFUSES.has(request)) return REFUSED;
      if (clock.monotonicMs() - lastRequestAt < behaviour.minimumIntervalMs) return { ...REFUSED, returnValue: RETURN.busy };
      return {
        returnValue: RETURN.done,
        apply() {
          lastRequestAt = clock.monotonicMs();
          action();
        },
      };
    },
    [Symbol.dispose]: () => change?.[Symbol.dispose](),
  };
  return unit;
}
