import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createFaultSwitchboard, createPowerSwitch, delay, type FaultKind, type FaultSwitchboard, type StartVirtualDevice } from '@ferric/core';
import { answerRequest, type FakeControllerState } from './fake-controller.js';

/** Longest request that is read: a machine with many disk arrays. */
const REQUEST_LIMIT = 65_536;
const DEFAULT_DELAY_MS = 1000;

/** Faults below the protocol: how each spoils an exchange. An answer that nobody asks for is a command that is not carried out. */
const BROKEN_LINES: Readonly<Partial<Record<FaultKind, (socket: Socket, answer: () => string) => void>>> = {
  silence: () => undefined,
  reset: (socket) => void socket.resetAndDestroy(),
  close: (socket) => void socket.end(),
  'half frame': (socket, answer) => {
    const whole = answer();
    socket.write(whole.slice(0, whole.length / 2));
  },
  garbage: (socket) => void socket.end('\u0016\u0003\u0001{"result":\n'),
};

/** Refusing connections is what a disposed device does; the switchboard covers everything that needs a living one. */
const SUPPORTED_FAULTS: readonly FaultKind[] = [
  'silence', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure',
];

/** Starts a fake controller with its machine. It listens on a free port of 127.0.0.1 unless told otherwise. */
export const startVirtualDevice: StartVirtualDevice = async (options = {}) => {
  const host = options.host ?? '127.0.0.1';
  const controller: FakeControllerState = {
    power: createPowerSwitch('power off', { device: 'pxe', persistent: false }),
    password: randomBytes(12).toString('hex'),
    settings: new Map(),
    changeCommands: 0,
    authenticationAttempts: 0,
  };
  const faults = createFaultSwitchboard(SUPPORTED_FAULTS);
  const sockets = new Set<Socket>();
  const exchanges = countExchanges();

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void serve(socket, controller, faults, exchanges);
  });
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const driverInfo = { fake_address: host, fake_port: port };

  return {
    name: options.name ?? `fake-${randomBytes(3).toString('hex')}`,
    hardwareType: 'fake-hardware',
    driverInfo: { ...driverInfo, fake_password: controller.password },
    wrongDriverInfo: { ...driverInfo, fake_password: randomBytes(12).toString('hex') },
    ports: [{ address: `52:54:00:${randomBytes(3).toString('hex').replace(/..(?=.)/g, '$&:')}` }],
    state: controller.power.state,
    watchPower: controller.power.watch,
    faults,
    activity: {
      get openConnections() {
        return sockets.size;
      },
      get mostConcurrentExchanges() {
        return exchanges.most;
      },
      get changeCommands() {
        return controller.changeCommands;
      },
      get authenticationAttempts() {
        return controller.authenticationAttempts;
      },
    },
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      const closed = [server, ...sockets].map((each) => once(each, 'close'));
      server.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
};

/** One connection: one request, one answer. Ends with the exchange; a client that goes away is no error. */
async function serve(socket: Socket, controller: FakeControllerState, faults: FaultSwitchboard, exchanges: ExchangeCount): Promise<void> {
  const gone = new AbortController();
  socket.on('error', () => undefined);
  socket.on('close', () => gone.abort());
  const line = await readLine(socket);
  if (line === undefined) return void socket.destroy();
  const fault = faults.take();
  const answer = (): string => `${answerRequest(controller, line, fault?.kind)}\n`;
  exchanges.begin();
  try {
    if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_DELAY_MS, { signal: gone.signal });
    const breakLine = fault === undefined ? undefined : BROKEN_LINES[fault.kind];
    if (breakLine === undefined) socket.end(answer());
    else breakLine(socket, answer);
    if (!socket.writableEnded && !gone.signal.aborted) await once(gone.signal, 'abort');
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    exchanges.end();
  }
}

/** The first line that arrives; undefined when the client leaves or sends too much. */
async function readLine(socket: Socket): Promise<string | undefined> {
  const line = Promise.withResolvers<string | undefined>();
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    if (text.length <= REQUEST_LIMIT) text += String(chunk);
    const end = text.indexOf('\n');
    if (end >= 0) line.resolve(text.slice(0, end));
    else if (text.length > REQUEST_LIMIT) line.resolve(undefined);
  });
  socket.on('close', () => line.resolve(undefined));
  return line.promise;
}

interface ExchangeCount {
  begin(): void;
  end(): void;
  readonly most: number;
}

/** Counts requests that are not answered yet: a connection in its last moments is no exchange any more. */
function countExchanges(): ExchangeCount {
  let active = 0;
  let most = 0;
  return {
    begin() {
      active += 1;
      most = Math.max(most, active);
    },
    end() {
      active -= 1;
    },
    get most() {
      return most;
    },
  };
}
