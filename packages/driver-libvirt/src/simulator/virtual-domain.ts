import type { PowerChange, VirtualMachineState } from '@ferric/core';
import { BOOT_DEVICE_OF, type BootName, bootOrder, setBootOrder } from './domain/boot-order.js';
import { macAddressesOf } from './domain/definition.js';
import type { Guest, GuestBehaviour, GuestReceipts } from './domain/guest.js';
import { STATE_NAMES, type VirtualDomainState } from './domain/states.js';
import { writeXml } from './xml/element.js';

/** What a system inside a machine, or the hardware below it, can do by itself. */
const DEEDS = {
  'shut down': (guest: Guest) => guest.shutDown(),
  reboot: (guest: Guest) => guest.reboot(),
  crash: (guest: Guest) => guest.crash(),
  'go to sleep': (guest: Guest) => guest.sleep(),
  'wake up': (guest: Guest) => guest.wake(),
  'stop on an I/O error': (guest: Guest) => guest.pause('I/O error'),
} as const;
export type GuestDeed = keyof typeof DEEDS;

/** One domain, seen from behind the daemon's back: what it is, and what a person at the machine could do. */
export interface VirtualDomain {
  readonly name: string;
  readonly uuid: string;
  /** Number of the running machine, another one after each start; -1 when it does not run. */
  readonly id: number;
  readonly state: VirtualDomainState;
  /** Why, as libvirt numbers it (`virsh domstate --reason`). */
  readonly reason: number;
  readonly isPersistent: boolean;
  readonly autostart: boolean;
  readonly macAddresses: readonly string[];
  /** The XML that the next start uses, passwords included; of what runs when there is no definition. */
  readonly definition: string;
  /** The XML of what runs, passwords included; undefined when nothing does. */
  readonly liveDefinition: string | undefined;
  /** What the next start boots from. */
  readonly bootOrder: readonly BootName[];
  /** What the running machine was started to boot from; undefined when it does not run. A reset keeps it. */
  readonly bootedFrom: readonly BootName[] | undefined;
  /** Whether it is on, and what the next start boots from. Setting `power` starts it or pulls its plug. */
  readonly machine: VirtualMachineState;
  readonly behaviour: GuestBehaviour;
  readonly received: GuestReceipts;
  /** Tells of each start, stop and restart of the machine, right after it, whoever caused it. */
  watchPower(listener: (change: PowerChange) => void): Disposable;
  /** Lets the system inside do something by itself. What makes no sense in its state does nothing. */
  act(deed: GuestDeed): void;
}

export function virtualDomainOf(guest: Guest): VirtualDomain {
  const form = (): NonNullable<Guest['definition']> | undefined => guest.definition ?? guest.live;
  return {
    name: guest.name,
    uuid: guest.uuid,
    get id() {
      return guest.id;
    },
    get state() {
      return STATE_NAMES[guest.state];
    },
    get reason() {
      return guest.reason;
    },
    get isPersistent() {
      return guest.definition !== undefined;
    },
    get autostart() {
      return guest.autostart;
    },
    get macAddresses() {
      const xml = form();
      return xml === undefined ? [] : macAddressesOf(xml);
    },
    get definition() {
      const xml = form();
      return xml === undefined ? '' : writeXml(xml);
    },
    get liveDefinition() {
      return guest.live === undefined ? undefined : writeXml(guest.live);
    },
    get bootOrder() {
      const xml = form();
      return xml === undefined ? [] : bootOrder(xml);
    },
    get bootedFrom() {
      return guest.live === undefined ? undefined : bootOrder(guest.live);
    },
    machine: machineOf(guest),
    behaviour: guest.behaviour,
    received: guest.received,
    watchPower: (listener) => guest.watchPower(listener),
    act: (deed) => DEEDS[deed](guest),
  };
}

/** The machine in core's words. A boot device that counts only once is unknown to libvirt: a definition stays until it is changed. */
function machineOf(guest: Guest): VirtualMachineState {
  return {
    get power() {
      return guest.isActive ? 'power on' : 'power off';
    },
    set power(wanted) {
      if (wanted === 'power on') guest.start();
      else guest.destroy();
    },
    get bootDevice() {
      const [first] = guest.definition === undefined ? [] : bootOrder(guest.definition);
      return { device: first === undefined ? null : BOOT_DEVICE_OF[first], persistent: true };
    },
    set bootDevice({ device }) {
      const name = (Object.keys(BOOT_DEVICE_OF) as BootName[]).find((each) => BOOT_DEVICE_OF[each] === device);
      if (name === undefined || guest.definition === undefined) return;
      setBootOrder(guest.definition, [name, ...bootOrder(guest.definition).filter((each) => each !== name)]);
    },
  };
}
