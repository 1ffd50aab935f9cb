import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { makeUpMac } from '../guest/guest.ts';
import { type PlainGuest, type PlainGuestOptions, startPlainGuest } from './plain-guest.ts';

export interface WakeableGuestOptions extends PlainGuestOptions {
  /** UDP port of 127.0.0.1 on which its network card hears magic packets. Default: a free one. */
  readonly wakePort?: number;
}

/** A machine that is off until a magic packet with its MAC comes, and again when it has ended by itself. Disposing ends it. */
export interface WakeableGuest extends AsyncDisposable {
  readonly mac: string;
  readonly wakePort: number;
  /** Magic packets for it that came, also those that found it running. */
  readonly wakes: number;
  readonly isOn: boolean;
  /** The machine since it was woken last, running or ended; undefined before. Throws when it could not be started. */
  readonly machine: PlainGuest | undefined;
  /** Pulls the plug. */
  cutPower(): Promise<void>;
}

/** Makes a machine that is off. */
export async function startWakeableGuest(options: WakeableGuestOptions): Promise<WakeableGuest> {
  const { wakePort, ...own } = options;
  const settings = { ...own, mac: own.mac ?? makeUpMac() };
  const pattern = magicPacket(settings.mac);
  const socket = createSocket('udp4');
  socket.bind(wakePort ?? 0, '127.0.0.1');
  await once(socket, 'listening');
  let wakes = 0;
  let disposed = false;
  let starting: Promise<PlainGuest> | undefined;
  let machine: PlainGuest | undefined;
  let problem: Error | undefined;
  const isOn = (): boolean => starting !== undefined || (machine !== undefined && machine.end === undefined);
  const start = async (): Promise<PlainGuest> => {
    // What is left of the time before goes first.
    await machine?.[Symbol.asyncDispose]();
    return (machine = await startPlainGuest(settings));
  };
  socket.on('message', (message) => {
    if (!message.includes(pattern)) return;
    wakes += 1;
    if (disposed || isOn()) return;
    starting = start();
    starting.catch((error: unknown) => (problem = new Error('The machine did not start', { cause: error }))).finally(() => (starting = undefined));
  });
  const cutPower = async (): Promise<void> => {
    await starting?.catch(() => undefined);
    await machine?.[Symbol.asyncDispose]();
  };
  return {
    mac: settings.mac,
    wakePort: socket.address().port,
    get wakes() {
      return wakes;
    },
    get isOn() {
      return isOn();
    },
    get machine() {
      if (problem !== undefined) throw problem;
      return machine;
    },
    cutPower,
    async [Symbol.asyncDispose]() {
      if (!disposed) socket.close();
      disposed = true;
      await cutPower();
    },
  };
}

/** Source: AMD, Magic Packet Technology, publication 20213: six bytes FFh and sixteen times the address, anywhere in a frame. */
function magicPacket(mac: string): Buffer {
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
  return Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
}
