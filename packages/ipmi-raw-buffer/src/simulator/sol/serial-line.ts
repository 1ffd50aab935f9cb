/** A serial line of the machine, seen from the BMC: serial over LAN carries it. */
export interface VirtualSerialLine {
  /** What somebody typed, towards the machine. Yields how many bytes the line took; the rest has to come again. */
  write(bytes: Uint8Array): number;
  /** Gives what the machine prints to the listener, until it is disposed. */
  onOutput(listener: (bytes: Uint8Array) => void): Disposable;
  /** A break was sent to the machine. */
  sendBreak?(): void;
}

export interface LoginLineOptions {
  /** Default `virtual`. */
  readonly hostname?: string;
}

const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;
const BACKSPACE = 0x08;
const DELETE = 0x7f;
const LONGEST_LINE = 200;

/**
 * A machine that shows a login prompt to whoever comes, echoes what is typed, and answers each line: `login: ` asks for a name, and
 * then everything typed is repeated behind `you said: `. A break prints `[break]`.
 */
export function createLoginLine(options: LoginLineOptions = {}): VirtualSerialLine {
  const prompt = `${options.hostname ?? 'virtual'} login: `;
  const listeners = new Set<(bytes: Uint8Array) => void>();
  let name: string | undefined;
  let line = '';
  const print = (text: string): void => {
    const bytes = Buffer.from(text, 'latin1');
    for (const listener of listeners) listener(bytes);
  };
  const enter = (): void => {
    const typed = line;
    line = '';
    if (name === undefined && typed !== '') {
      name = typed;
      print(`\r\nWelcome, ${name}.\r\n$ `);
    } else if (typed === 'exit') {
      name = undefined;
      print(`\r\n${prompt}`);
    } else {
      print(name === undefined ? `\r\n${prompt}` : typed === '' ? '\r\n$ ' : `\r\nyou said: ${typed}\r\n$ `);
    }
  };
  const type = (byte: number): void => {
    if (byte === CARRIAGE_RETURN) enter();
    else if (byte === BACKSPACE || byte === DELETE) erase();
    else if (byte !== LINE_FEED && line.length < LONGEST_LINE) echo(String.fromCharCode(byte));
  };
  const erase = (): void => {
    if (line === '') return;
    line = line.slice(0, -1);
    print('\b \b');
  };
  const echo = (character: string): void => {
    line += character;
    print(character);
  };
  return {
    write(bytes) {
      for (const byte of bytes) type(byte);
      return bytes.length;
    },
    sendBreak() {
      print('[break]');
    },
    onOutput(listener) {
      const own = (bytes: Uint8Array): void => listener(bytes);
      listeners.add(own);
      own(Buffer.from(name === undefined ? `\r\n${prompt}` : '\r\n$ ', 'latin1'));
      return { [Symbol.dispose]: () => void listeners.delete(own) };
    },
  };
}
