import { assemble, type CodeItem, word } from './assembler.ts';
import { COM1, inByte, inWord, LINE_STATUS, outByte, outWord, PM1_ENABLE, PM1_STATUS, PRINT, printText, SWITCH_OFF } from './machine-code.ts';

export interface BootSectorOptions {
  /** What the guest says it was booted from: `DISK`. Letters, digits and dashes, at most 30. */
  readonly medium: string;
  /** Whether the power button ends it. Default true. */
  readonly obeysPowerButton?: boolean;
}

/** What the guest prints, each as one line. */
export const GUEST_LINES = {
  ready: (medium: string): string => `FERRIC GUEST READY ${medium}`,
  nmi: 'FERRIC GUEST NMI',
  off: 'FERRIC GUEST OFF',
} as const;

export const SECTOR_BYTES = 512;
/** Where the firmware puts the sector, and the mark without which it does not start it. */
const ORIGIN = 0x7c00;
const SIGNATURE = [0x55, 0xaa] as const;

/** Where interrupt line 4 leads in real mode. */
const SERIAL_INTERRUPT = 0x0c;

/**
 * A whole operating system for a PC, in the one sector that its firmware loads: it says over the serial port what it was booted from, answers what
 * comes there in capitals, says which key was pressed and that an NMI came, and switches itself off when somebody presses the power button.
 * It sleeps until a byte comes or the timer ticks (18 times in a second), so it costs next to nothing.
 */
export function bootSector({ medium, obeysPowerButton = true }: BootSectorOptions): Uint8Array {
  if (!/^[A-Za-z0-9-]{1,30}$/.test(medium)) throw new Error(`A boot sector cannot be named ${JSON.stringify(medium)}`);
  const code = assemble([...START, ...SERIAL_PORT, ...(obeysPowerButton ? POWER_BUTTON : []), ...MAIN_LOOP, ...OFF, ...ROUTINES, ...texts(medium)], ORIGIN);
  const room = SECTOR_BYTES - SIGNATURE.length;
  if (code.length > room) throw new Error(`The boot sector has ${code.length} bytes; ${room} fit`);
  const sector = new Uint8Array(SECTOR_BYTES);
  sector.set(code);
  sector.set(SIGNATURE, room);
  return sector;
}

/** mov word [4 * number], handler; mov word [4 * number + 2], 0 */
const setVector = (number: number, handler: string): readonly CodeItem[] => [
  [0xc7, 0x06, ...word(4 * number)], { address: handler },
  [0xc7, 0x06, ...word(4 * number + 2), ...word(0)],
];

const START: readonly CodeItem[] = [
  [0xfa], // cli
  [0xfc], // cld
  [0x31, 0xc0], // xor ax, ax
  [0x8e, 0xd8], // mov ds, ax
  [0x8e, 0xc0], // mov es, ax
  [0x8e, 0xd0], // mov ss, ax
  [0xbc, ...word(ORIGIN)], // mov sp, ORIGIN: the stack grows away from the code
  [0xea], { address: 'main' }, word(0), // jmp 0:main: a CD-ROM is started at 07c0:0000
  { label: 'main' },
  ...setVector(2, 'nmi'),
  ...setVector(SERIAL_INTERRUPT, 'byte-came'),
];

const SERIAL_PORT: readonly CodeItem[] = [
  outByte(COM1 + 1, 0x00), // no interrupts
  outByte(COM1 + 3, 0x80), // the next two bytes are the divisor
  outByte(COM1, 0x01), // 115200 bits a second
  outByte(COM1 + 1, 0x00),
  outByte(COM1 + 3, 0x03), // 8 bits, no parity, 1 stop bit
  outByte(COM1 + 1, 0x01), // an interrupt for each byte that comes
  outByte(COM1 + 2, 0x07), // queues on, and empty
  outByte(COM1 + 4, 0x0b), // ready; interrupts reach the processor
  [0xe4, 0x21], // in al, 21h: the mask of the interrupt controller
  [0x24, 0xef], // and al, 0efh: let number 4 through
  [0xe6, 0x21], // out 21h, al
  ...printText('ready'),
];

/** Without this the button has no effect at all. */
const POWER_BUTTON: readonly CodeItem[] = [
  inWord(PM1_ENABLE),
  [0x80, 0xcc, 0x01], // or ah, 1: bit 8, PWRBTN_EN
  [0xef], // out dx, ax
];

const MAIN_LOOP: readonly CodeItem[] = [
  { label: 'loop' },
  [0xb4, 0x01, 0xcd, 0x16], // mov ah, 1; int 16h: is there a key?
  [0x75], { near: 'key' }, // jnz key
  [0xfa], // cli: what comes from here on ends the sleep
  inWord(PM1_STATUS),
  [0xf6, 0xc4, 0x01], // test ah, 1: bit 8, PWRBTN_STS
  [0x75], { near: 'off' }, // jnz off
  inByte(LINE_STATUS),
  [0xa8, 0x01], // test al, 1: a byte is there
  [0x75], { near: 'serial' }, // jnz serial
  [0xfb, 0xf4], // sti; hlt
  [0xeb], { near: 'loop' }, // jmp loop
  { label: 'serial' },
  inByte(COM1),
  [0xe8], { far: 'put-capital' }, // call put-capital
  [0xeb], { near: 'loop' }, // jmp loop
  { label: 'key' },
  [0xb4, 0x00, 0xcd, 0x16], // mov ah, 0; int 16h: take the key
  [0xe8], { far: 'put' }, // call put
  [0xeb], { near: 'loop' }, // jmp loop
];

const OFF: readonly CodeItem[] = [
  { label: 'off' },
  outWord(PM1_STATUS, 0x0100), // a one clears the bit
  ...printText('bye'),
  ...SWITCH_OFF,
];

const ROUTINES: readonly CodeItem[] = [
  { label: 'put-capital' },
  [0x3c, 0x61], // cmp al, 'a'
  [0x72], { near: 'put' }, // jb put
  [0x3c, 0x7a], // cmp al, 'z'
  [0x77], { near: 'put' }, // ja put
  [0x2c, 0x20], // sub al, 'a' - 'A'
  ...PRINT,
  { label: 'byte-came' }, // it is fetched in the loop
  [0x50], // push ax
  [0xb0, 0x20, 0xe6, 0x20], // mov al, 20h; out 20h, al: end of interrupt
  [0x58], // pop ax
  [0xcf], // iret
  { label: 'nmi' },
  [0x60], // pusha
  ...printText('nmi-text'),
  [0x61], // popa
  [0xcf], // iret
];

function texts(medium: string): readonly CodeItem[] {
  const line = (label: string, text: string): readonly CodeItem[] => [{ label }, { text: `${text}\r\n\0` }];
  return [...line('ready', GUEST_LINES.ready(medium)), ...line('bye', GUEST_LINES.off), ...line('nmi-text', GUEST_LINES.nmi)];
}
