import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { createFaultSwitchboard, type Fault, type FaultKind, type VirtualDevice, type VirtualDeviceOptions, type VirtualMachineState } from '@ferric/core';

const FAULTS: readonly FaultKind[] = ['silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure'];
const PASSWORD = 'correct-horse-battery';

/** A machine behind a controller that speaks the line protocol. */
export async function startLineDevice(options: VirtualDeviceOptions = {}): Promise<VirtualDevice> {
  const host = options.host ?? '127.0.0.1';
  const state: VirtualMachineState = { power: 'power off', bootDevice: { device: 'disk', persistent: true } };
  const counts = { concurrent: 0, mostConcurrentExchanges: 0, changeCommands: 0, authenticationAttempts: 0 };
  const sockets = new Set<Socket>();
  const switchboard = createFaultSwitchboard(FAULTS);

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    let loggedIn = false;
    // The reader reports the errors of its socket once more.
    const lines = createInterface({ input: socket }).on('error', () => undefined);
    lines.on('line', (line) => {
      const fault = switchboard.take();
      counts.concurrent += 1;
      counts.mostConcurrentExchanges = Math.max(counts.mostConcurrentExchanges, counts.concurrent);
      const [answer, login] = react(line, loggedIn, state, counts, fault);
      loggedIn = login;
      reply(socket, answer, fault, () => (counts.concurrent -= 1));
    });
  });
  const listen = async (port: number): Promise<void> => void (await once(server.listen(port, host), 'listening'));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const hangUp = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };

  return {
    name: options.name ?? `line-${port}`,
    hardwareType: 'reference-line',
    driverInfo: { line_address: host, line_port: port, line_username: 'operator', line_password: PASSWORD },
    wrongDriverInfo: { line_address: host, line_port: port, line_username: 'operator', line_password: 'wrong-horse-battery' },
    ports: [{ address: '52:54:00:00:00:01' }],
    state,
    faults: {
      supported: switchboard.supported,
      inject(fault) {
        switchboard.inject(fault);
        if (fault.kind === 'refuse') hangUp();
      },
      clear() {
        switchboard.clear();
        if (!server.listening) void listen(port);
      },
    },
    get activity() {
      return { openConnections: sockets.size, ...counts };
    },
    async [Symbol.asyncDispose]() {
      hangUp();
    },
  };
}

interface Counts {
  changeCommands: number;
  authenticationAttempts: number;
}

/** What the controller does with one line: its answer, and whether the session is logged in afterwards. */
function react(line: string, loggedIn: boolean, state: VirtualMachineState, counts: Counts, fault: Fault | undefined): readonly [string, boolean] {
  if (fault?.kind === 'busy') return ['busy', loggedIn];
  if (line.startsWith('login ')) {
    counts.authenticationAttempts += 1;
    return line === `login operator ${PASSWORD}` ? ['ok', true] : ['denied', false];
  }
  if (!loggedIn) return ['denied', false];
  if (line === 'power get') return [state.power, true];
  if (line === 'boot get') return [`boot ${state.bootDevice?.device} ${state.bootDevice?.persistent === true ? 'always' : 'once'}`, true];
  counts.changeCommands += 1;
  if (fault?.kind === 'command failure') return ['failed', true];
  if (fault?.kind !== 'wrong state') change(line, state);
  return ['ok', true];
}

function change(line: string, state: VirtualMachineState): void {
  const [subject, value, mode] = line.split(' ');
  if (subject === 'boot') state.bootDevice = { device: value === 'pxe' ? 'pxe' : 'disk', persistent: mode === 'always' };
  else state.power = value === 'off' ? 'power off' : 'power on';
}

function reply(socket: Socket, answer: string, fault: Fault | undefined, done: () => void): void {
  const send = (text: string): void => {
    done();
    socket.write(text);
  };
  switch (fault?.kind) {
    case 'silence':
      return void socket.once('close', done);
    case 'reset':
      done();
      return void socket.resetAndDestroy();
    case 'close':
      done();
      return void socket.end();
    case 'half frame':
      return send(answer.slice(0, answer.length / 2));
    case 'garbage':
      return send('\u0000%$#\u00ff\n');
    default:
      // Some time passes between question and answer, as with a real controller; without it no two could ever overlap.
      setTimeout(() => send(`${answer}\n`), fault?.kind === 'slow' ? (fault.delayMs ?? 1000) : 1).unref();
  }
}
