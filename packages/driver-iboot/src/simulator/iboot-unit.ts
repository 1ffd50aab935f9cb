import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import {
  type Clock, createFaultSwitchboard, type FaultKind, type FaultSwitches, invalidOptions, printValue, systemClock, type VirtualDevice, type VirtualDeviceActivity,
  type VirtualMachineState,
} from '@ferric/core';
import { listen } from './listener.js';
import { serveClient, type ServedUnit } from './serve-client.js';
import { checkUnitOptions, type IbootUnitBehaviour, type IbootUnitOptions } from './unit-options.js';
import { createRelays } from './unit-state.js';

/** What a unit saw, besides what every virtual device counts. */
export interface IbootUnitActivity extends VirtualDeviceActivity {
  /** Connections that were served, since it started. */
  readonly servedConnections: number;
  /** Connections that were closed at once because another client was being served. */
  readonly refusedConnections: number;
}

/** A simulated unit with its relays. */
export interface IbootUnit extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** The machines behind its relays, the first relay first. Tests may set their power. */
  readonly relays: readonly VirtualMachineState[];
  /** How it takes what clients say; may be changed while it runs. */
  readonly behaviour: IbootUnitBehaviour;
  readonly faults: FaultSwitches;
  readonly activity: IbootUnitActivity;
  /**
   * The machine behind one relay, counted from 1, as every virtual device is handled. Disposing it leaves the unit alone.
   * @throws INVALID_OPTIONS when there is no such relay
   */
  device(relay: number, options?: { readonly name?: string }): VirtualDevice;
  /** Takes it off the network: whoever is connected is cut off, nobody gets in. The relays stay as they are. */
  unplug(): Promise<void>;
  /** Puts it back, at the same port. */
  plugIn(): Promise<void>;
}

const SUPPORTED_FAULTS: readonly FaultKind[] = [
  'silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'wrong state', 'command failure',
];

/**
 * Starts a unit. Like the real thing it serves one client at a time and closes further connections at once.
 * @throws INVALID_OPTIONS for a unit that cannot exist; CONFLICT when its port cannot be had
 */
export async function startIbootUnit(options: IbootUnitOptions = {}, clock: Clock = systemClock): Promise<IbootUnit> {
  checkUnitOptions(options);
  const { host = '127.0.0.1', username = 'admin', password = randomBytes(8).toString('hex'), relayBase = 1, onLine } = options;
  const name = options.name ?? `iboot-${randomBytes(3).toString('hex')}`;
  const relays = createRelays(options.relays ?? 8, relayBase, clock);
  const switchboard = createFaultSwitchboard(SUPPORTED_FAULTS);
  const behaviour: IbootUnitBehaviour = {
    mode: options.mode ?? 'dxp',
    onWrongCredentials: options.onWrongCredentials ?? 'close',
    onWrongSequence: options.onWrongSequence ?? 'close',
    splitBytesMs: options.splitBytesMs ?? 0,
  };
  const counted = { active: 0, mostConcurrentExchanges: 0, changeCommands: 0, authenticationAttempts: 0, servedConnections: 0, refusedConnections: 0 };
  const sockets = new Set<Socket>();
  let served: Socket | undefined;

  const unit: Omit<ServedUnit, 'say'> = {
    username,
    password,
    behaviour,
    relays,
    faults: switchboard,
    helloSequence: () => options.helloSequence ?? randomInt(65_536),
    beginExchange() {
      counted.active += 1;
      counted.mostConcurrentExchanges = Math.max(counted.mostConcurrentExchanges, counted.active);
      let isUnderWay = true;
      return {
        [Symbol.dispose]() {
          if (isUnderWay) counted.active -= 1;
          isUnderWay = false;
        },
      };
    },
    countCommand(isChange) {
      counted.authenticationAttempts += 1;
      if (isChange) counted.changeCommands += 1;
    },
  };

  const welcome = (socket: Socket): void => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const say = (line: string): void => onLine?.(`${peer} ${line}`);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (served !== undefined) {
      counted.refusedConnections += 1;
      say('another client is being served: the connection is closed');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    served = socket;
    counted.servedConnections += 1;
    const leave = (): void => {
      if (served === socket) served = undefined;
    };
    socket.once('end', leave);
    socket.once('close', leave);
    void serveClient(socket, { ...unit, say });
  };

  const listener = await listen(host, options.port ?? 0, welcome);
  const { port } = listener;

  const cutOff = async (): Promise<void> => {
    const closed = [...sockets].map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.destroy();
    await Promise.all(closed);
  };

  const faults: FaultSwitches = {
    supported: switchboard.supported,
    inject(fault) {
      switchboard.inject(fault);
      if (fault.kind === 'refuse') listener.stop();
      else listener.start();
    },
    clear() {
      switchboard.clear();
      listener.start();
    },
  };

  const activity: IbootUnitActivity = {
    get openConnections() {
      return sockets.size;
    },
    get mostConcurrentExchanges() {
      return counted.mostConcurrentExchanges;
    },
    get changeCommands() {
      return counted.changeCommands;
    },
    get authenticationAttempts() {
      return counted.authenticationAttempts;
    },
    get servedConnections() {
      return counted.servedConnections;
    },
    get refusedConnections() {
      return counted.refusedConnections;
    },
  };

  return {
    name,
    host,
    port,
    username,
    password,
    relays: relays.switches.map(({ state }) => state),
    behaviour,
    faults,
    activity,
    device(relay, { name: machine = `${name}-${relay}` } = {}) {
      const found = relays.switches[relay - 1];
      if (found === undefined) {
        const expected = `a whole number from 1 to ${relays.switches.length}`;
        throw invalidOptions(`Simulated iBoot unit ${name}`, [{ field: 'relay', problem: 'invalid', expected, received: printValue(relay) }]);
      }
      const driverInfo = {
        iboot_address: host,
        iboot_port: port,
        iboot_username: username,
        iboot_password: password,
        iboot_relay_id: relay,
        ...(relayBase === 1 ? {} : { iboot_relay_base: relayBase }),
        // Nothing behind these outlets has to run down.
        iboot_reboot_delay: 0,
      };
      return {
        name: machine,
        hardwareType: 'staging-iboot',
        driverInfo,
        wrongDriverInfo: { ...driverInfo, iboot_password: randomBytes(8).toString('hex') },
        ports: [{ address: `52:54:00:${randomBytes(3).toString('hex').replace(/..(?=.)/g, '$&:')}` }],
        state: found.state,
        watchPower: found.watch,
        faults,
        activity,
        async [Symbol.asyncDispose]() {},
      };
    },
    async unplug() {
      listener.stop();
      await cutOff();
    },
    async plugIn() {
      listener.start();
      await listener.settled();
    },
    async [Symbol.asyncDispose]() {
      await listener[Symbol.asyncDispose]();
      await cutOff();
      relays[Symbol.dispose]();
    },
  };
}
