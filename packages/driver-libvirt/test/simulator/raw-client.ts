import { connect, type Socket } from 'node:net';

// A client that knows nothing but bytes, written by hand: it shares no code with the client of this package nor with the simulator.

export interface RawMessage {
  readonly program: number;
  readonly version: number;
  readonly procedure: number;
  readonly type: number;
  readonly serial: number;
  readonly status: number;
  readonly payload: Buffer;
}

export const u32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
export const u64 = (value: bigint): string => BigInt.asUintN(64, value).toString(16).padStart(16, '0');
/** A text with its length, filled up to four bytes. */
export function text(value: string): string {
  const hex = Buffer.from(value).toString('hex');
  return `${u32(hex.length / 2)}${hex}${'00'.repeat((4 - ((hex.length / 2) % 4)) % 4)}`;
}
export const maybe = (value: string | null): string => (value === null ? u32(0) : `${u32(1)}${text(value)}`);
/** `char data<>`: every byte takes four. */
export const characters = (value: string): string => `${u32(value.length)}${[...Buffer.from(value, 'latin1')].map((byte) => u32(byte)).join('')}`;
export const domain = (name: string, uuid: string, id = -1): string => `${text(name)}${uuid.replaceAll('-', '')}${u32(id)}`;

const HEADER = 28;

export interface FrameParts {
  readonly program?: number;
  readonly version?: number;
  readonly type?: number;
  readonly serial?: number;
  readonly status?: number;
  readonly length?: number;
}

export function frame(procedure: number, payload: string | Buffer = '', parts: FrameParts = {}): Buffer {
  const { program = 0x20008086, version = 1, type = 0, serial = 0, status = 0 } = parts;
  const body = typeof payload === 'string' ? Buffer.from(payload, 'hex') : payload;
  const words = [parts.length ?? HEADER + body.length, program, version, procedure, type, serial, status];
  return Buffer.concat([Buffer.from(words.map(u32).join(''), 'hex'), body]);
}

/** Reads values one after the other. */
export class Values {
  readonly #bytes: Buffer;
  #place = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  take(length: number): Buffer {
    this.#place += length;
    return this.#bytes.subarray(this.#place - length, this.#place);
  }

  int = (): number => this.take(4).readInt32BE();
  big = (): bigint => this.take(8).readBigUInt64BE();
  text = (): string => {
    const length = this.int();
    const value = this.take(length).toString();
    this.take((4 - (length % 4)) % 4);
    return value;
  };
  maybe = (): string | null => (this.int() === 0 ? null : this.text());
  uuid = (): string => this.take(16).toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  domain = (): { name: string; uuid: string; id: number } => ({ name: this.text(), uuid: this.uuid(), id: this.int() });
  list = <T>(read: () => T): T[] => Array.from({ length: this.int() }, read);
  characters = (): string => Buffer.from(this.list(this.int)).toString('latin1');
  get left(): number {
    return this.#bytes.length - this.#place;
  }
}

export interface RawError {
  readonly code: number;
  readonly domain: number;
  readonly message: string | null;
}

export function errorOf({ status, payload }: RawMessage): RawError {
  if (status !== 1) throw new Error(`status ${status} is no error`);
  const values = new Values(payload);
  return { code: values.int(), domain: values.int(), message: values.maybe() };
}

export class RawClient implements Disposable {
  readonly socket: Socket;
  /** Messages that were no answer to a call, in the order in which they came. */
  readonly messages: RawMessage[] = [];
  /** Everything that came, answers too. */
  readonly order: RawMessage[] = [];
  /** How the daemon ended the connection. */
  readonly ended: Promise<'closed' | 'reset'>;
  /** Bytes that make no whole message yet. */
  rest: Buffer = Buffer.alloc(0);
  #serial = 0;
  readonly #answers = new Map<number, (message: RawMessage) => void>();
  readonly #watchers = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    const ended = Promise.withResolvers<'closed' | 'reset'>();
    this.ended = ended.promise;
    socket.on('error', () => ended.resolve('reset'));
    socket.on('close', () => {
      ended.resolve('closed');
      this.#look();
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  static async connect(to: { readonly port: number } | { readonly path: string }): Promise<RawClient> {
    const socket = connect('port' in to ? { host: '127.0.0.1', port: to.port } : { path: to.path });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Connected, and `connect_open` done. */
  static async open(to: { readonly port: number } | { readonly path: string }, flags = 0): Promise<RawClient> {
    const client = await RawClient.connect(to);
    const answer = await client.call(1, `${maybe('qemu:///system')}${u32(flags)}`);
    if (answer.status !== 0) throw new Error(errorOf(answer).message ?? 'refused');
    return client;
  }

  #receive(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let length = this.#length(); length !== undefined && this.rest.length >= length; length = this.#length()) {
      const whole = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      const words = [4, 8, 12, 16, 20, 24].map((place) => whole.readUInt32BE(place));
      const [program = 0, version = 0, procedure = 0, type = 0, serial = 0, status = 0] = words;
      this.#take({ program, version, procedure, type, serial, status, payload: whole.subarray(HEADER) });
    }
    this.#look();
  }

  #length(): number | undefined {
    if (this.rest.length < 4) return undefined;
    const length = this.rest.readUInt32BE();
    return length < HEADER || length > 40_000_000 ? undefined : length;
  }

  #take(message: RawMessage): void {
    this.order.push(message);
    const answer = message.type === 1 ? this.#answers.get(message.serial) : undefined;
    if (answer === undefined) this.messages.push(message);
    else {
      this.#answers.delete(message.serial);
      answer(message);
    }
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }

  send(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Calls and waits for the answer with the same serial; fails when the connection ends first. */
  async call(procedure: number, payload = '', parts: FrameParts = {}): Promise<RawMessage> {
    const serial = parts.serial ?? (this.#serial += 1);
    const answer = Promise.withResolvers<RawMessage>();
    this.#answers.set(serial, answer.resolve);
    this.send(frame(procedure, payload, { ...parts, serial }));
    return Promise.race([answer.promise, this.ended.then((how) => Promise.reject(new Error(how)))]);
  }

  /** Calls and reads the answer; fails when it is an error. */
  async read<T>(procedure: number, payload: string, read: (values: Values) => T): Promise<T> {
    const answer = await this.call(procedure, payload);
    if (answer.status !== 0) throw new Error(`${errorOf(answer).code}: ${errorOf(answer).message}`);
    return read(new Values(answer.payload));
  }

  /** Calls and reads the error. */
  async fail(procedure: number, payload = '', parts: FrameParts = {}): Promise<RawError> {
    return errorOf(await this.call(procedure, payload, parts));
  }

  /** Waits until this is so; asked again whenever something came. */
  async until(test: () => boolean): Promise<void> {
    const reached = Promise.withResolvers<void>();
    const look = (): void => {
      if (test()) reached.resolve();
      else if (this.socket.closed) reached.reject(new Error('the connection ended'));
    };
    this.#watchers.add(look);
    look();
    await reached.promise;
    this.#watchers.delete(look);
  }

  /** The uuid of a domain. */
  async uuidOf(name: string): Promise<string> {
    return this.read(23, text(name), (values) => values.domain().uuid);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Events 318 as `[name, id, event, detail]`. */
export function lifecycleEvents(messages: readonly RawMessage[]): (readonly [name: string, id: number, event: number, detail: number])[] {
  return messages
    .filter(({ type, procedure }) => type === 2 && procedure === 318)
    .map(({ payload }) => {
      const values = new Values(payload);
      values.int();
      const { name, id } = values.domain();
      return [name, id, values.int(), values.int()] as const;
    });
}
