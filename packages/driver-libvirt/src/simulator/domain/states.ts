// Numbers of states, reasons and events. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h.

export const STATE = { running: 1, paused: 3, shutOff: 5, crashed: 6, suspendedByGuest: 7 } as const;
export type StateNumber = (typeof STATE)[keyof typeof STATE];

export const RUNNING = { booted: 1, unpaused: 5, wokenUp: 8 } as const;
export const PAUSED = { user: 1, ioError: 5 } as const;
export const SHUT_OFF = { unknown: 0, shutdown: 1, destroyed: 2, crashed: 3 } as const;
export const CRASHED = { panicked: 1 } as const;

/** virDomainEventID: what a client may listen to. */
export const EVENT = { lifecycle: 0, reboot: 1, watchdog: 3, ioError: 4, controlError: 7, metadataChange: 23 } as const;
/** VIR_DOMAIN_EVENT_ID_LAST of libvirt 9.0.0: higher numbers are refused. */
export const EVENT_ID_LIMIT = 27;

/** Event and detail of each lifecycle event: virDomainEventType and the types of its details. */
export const LIFECYCLE = {
  added: [0, 0],
  updated: [0, 1],
  undefined: [1, 0],
  booted: [2, 0],
  wokenUp: [2, 5],
  paused: [3, 0],
  pausedByIoError: [3, 2],
  resumed: [4, 0],
  stopped: [5, 0],
  destroyed: [5, 1],
  stoppedByCrash: [5, 2],
  shutdownByGuest: [6, 1],
  shutdownByHost: [6, 2],
  suspendedByGuest: [7, 0],
  panicked: [8, 0],
} as const satisfies Readonly<Record<string, readonly [event: number, detail: number]>>;

/** The states of a machine in words, as `virsh list` shows them. */
export const STATE_NAMES = {
  [STATE.running]: 'running',
  [STATE.paused]: 'paused',
  [STATE.shutOff]: 'shut off',
  [STATE.crashed]: 'crashed',
  [STATE.suspendedByGuest]: 'suspended by guest',
} as const satisfies Readonly<Record<StateNumber, string>>;
export type VirtualDomainState = (typeof STATE_NAMES)[StateNumber];
