import { type CodeItem, word } from './assembler.ts';

/** First serial port of a PC. Source: the data sheet of the 16550 for the registers behind it. */
export const COM1 = 0x3f8;
export const LINE_STATUS = COM1 + 5;

/** Power management of the PIIX4 as SeaBIOS sets it up. Source: ACPI specification, chapter 4.8.3 for the bits. */
export const PM1_STATUS = 0x600;
export const PM1_ENABLE = 0x602;
const PM1_CONTROL = 0x604;

/** mov dx, port; mov al, value; out dx, al */
export const outByte = (port: number, value: number): readonly number[] => [0xba, ...word(port), 0xb0, value, 0xee];
/** mov dx, port; in al, dx */
export const inByte = (port: number): readonly number[] => [0xba, ...word(port), 0xec];
/** mov dx, port; in ax, dx */
export const inWord = (port: number): readonly number[] => [0xba, ...word(port), 0xed];
/** mov dx, port; mov ax, value; out dx, ax */
export const outWord = (port: number, value: number): readonly number[] => [0xba, ...word(port), 0xb8, ...word(value), 0xef];

export const SWITCH_OFF: readonly CodeItem[] = [
  outWord(PM1_CONTROL, 0x2000), // SLP_EN with SLP_TYP 0, which is S5 on a PIIX4
  [0xfa, 0xf4], // cli; hlt
];

/** Routines `put`, which sends al over the serial port, and `print`, which sends the text at si up to its zero. */
export const PRINT: readonly CodeItem[] = [
  { label: 'put' },
  [0x50], // push ax
  { label: 'busy' },
  inByte(LINE_STATUS),
  [0xa8, 0x20], // test al, 20h: there is room
  [0x74], { near: 'busy' }, // jz busy
  [0x58], // pop ax
  [0xba, ...word(COM1)], // mov dx, COM1
  [0xee], // out dx, al
  [0xc3], // ret
  { label: 'print' },
  [0xac], // lodsb
  [0x84, 0xc0], // test al, al
  [0x74], { near: 'printed' }, // jz printed
  [0xe8], { far: 'put' }, // call put
  [0xeb], { near: 'print' }, // jmp print
  { label: 'printed' },
  [0xc3], // ret
];

/** mov si, label; call print */
export const printText = (label: string): readonly CodeItem[] => [[0xbe], { address: label }, [0xe8], { far: 'print' }];
