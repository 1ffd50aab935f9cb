import type { Call, ProcedureTable } from '../daemon/procedure.js';
import type { StreamEnd, StreamPort } from '../daemon/streams.js';
import type { Guest } from '../domain/guest.js';
import { requireRunning } from '../domain/scopes.js';
import { plainPng } from '../host/png.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readDomain } from '../wire/structs.js';
import { elementAt, elementsOf, type XmlElement } from '../xml/element.js';
import { requireRoomForStream } from './stream-room.js';

/** VIR_DOMAIN_CONSOLE_FORCE: takes the console from whoever has it. */
const CONSOLE_FORCE = 1;

/** What the screen shows: the blue of a machine that waits. Small, so that tests can compare it. */
const SCREEN = plainPng(16, 12, [0, 0, 168]);
const SCREEN_TYPE = 'image/png';

/** Who has the console of each machine. */
const consoles = new WeakMap<Guest, { close(): void }>();

function findConsole(domain: XmlElement | undefined, alias: string | null): XmlElement | undefined {
  const devices = elementAt(domain, 'devices');
  const terminals = ['console', 'serial', 'parallel', 'channel'].flatMap((name) => elementsOf(devices, name));
  return alias === null
    ? terminals.find((device) => device.name === 'console' || device.name === 'serial')
    : terminals.find((device) => elementAt(device, 'alias')?.attributes.get('name') === alias);
}

function openConsole(call: Call): void {
  const { host, args } = call;
  const domain = readDomain(args);
  const alias = args.optionalString();
  const flags = args.unsigned();
  const guest = host.domains.byReference(domain);
  requireRunning(guest);
  const device = findConsole(guest.live, alias);
  if (device === undefined) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.qemu, `cannot find character device ${alias ?? '(null)'}`);
  if (device.attributes.get('type') !== 'pty') {
    throw new RemoteError(ERROR.internal, ERROR_DOMAIN.qemu, `character device ${alias ?? '(null)'} is not using a PTY`);
  }
  requireRoomForStream(call);
  const holder = consoles.get(guest);
  if (holder !== undefined && (flags & CONSOLE_FORCE) === 0) {
    throw new RemoteError(ERROR.operationFailed, ERROR_DOMAIN.qemu, 'Active console session exists for this domain');
  }
  holder?.close();
  call.openStream(new EchoConsole(guest));
}

/** A terminal that greets and says everything back. */
class EchoConsole implements StreamEnd {
  readonly #guest: Guest;
  readonly #end: Disposable;
  #port: StreamPort | undefined;

  constructor(guest: Guest) {
    this.#guest = guest;
    this.#end = guest.onEnd(() => this.close());
    consoles.set(guest, this);
  }

  start(port: StreamPort): void {
    this.#port = port;
    void port.send(Buffer.from(`\r\n${this.#guest.name} login: `));
  }

  receive(data: Buffer): void {
    void this.#port?.send(data);
  }

  close(): void {
    this.#end[Symbol.dispose]();
    if (consoles.get(this.#guest) === this) consoles.delete(this.#guest);
    this.#port?.end();
    this.#port = undefined;
  }
}

function screenshot(call: Call): void {
  const { host, args, reply } = call;
  const domain = readDomain(args);
  const screen = args.unsigned();
  args.unsigned();
  const guest = host.domains.byReference(domain);
  requireRunning(guest);
  const videos = elementsOf(elementAt(guest.live, 'devices'), 'video');
  if (videos.length === 0) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.qemu, 'There is no console to take a screendump from');
  if (screen >= videos.length) throw new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.qemu, 'no such screen ID');
  requireRoomForStream(call);
  reply.optionalString(SCREEN_TYPE);
  call.openStream({
    start: (port) => void port.send(SCREEN).then((isOpen) => isOpen && port.end()),
    receive: () => undefined,
  });
}

export const domainStreamProcedures: ProcedureTable = {
  201: { name: 'virDomainOpenConsole', changes: 'host', answer: openConsole },
  211: { name: 'virDomainScreenshot', changes: 'host', answer: screenshot },
};
