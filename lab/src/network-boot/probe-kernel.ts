import { assemble, type CodeItem, word } from '../guest/assembler.ts';
import { PRINT, printText, SWITCH_OFF } from '../guest/machine-code.ts';

/** What the probe prints, each as one line. */
export const PROBE_LINES = {
  commandLine: (text: string): string => `FERRIC PROBE BOOTED WITH ${text}`,
  initrd: (bytes: number): string => `FERRIC PROBE INITRD ${bytes.toString(16).padStart(8, '0')}`,
} as const;

/** Fields of the header and where they are. Source: Linux, Documentation/arch/x86/boot.rst. */
const HEADER = { setupSectors: 0x1f1, paragraphs: 0x1f4, bootFlag: 0x1fe, jump: 0x200, magic: 0x202, version: 0x206, loadFlags: 0x211, initrdLimit: 0x22c, commandLineLimit: 0x238 } as const;
const INITRD_SIZE = 0x21c;
const COMMAND_LINE_POINTER = 0x228;
/** Version 2.06 brought the limit of the command line, whose value is that of Linux on x86. */
const VERSION = 0x0206;
const COMMAND_LINE_LIMIT = 2047;
const LOADED_HIGH = 0x01;
/** Highest address of the initrd, as Linux has it. */
const INITRD_LIMIT = 0x37ffffff;

/** The code stands behind the header; its addresses count from the begin of the file, where the boot loader points the segments. */
const CODE = 0x240;
const SETUP_BYTES = 1024;
/** What boot loaders put at 1 MiB. It is never run. */
const UPPER_BYTES = 16;

/**
 * A Linux kernel for boot loaders, for a BIOS; in truth 1 KiB that print the command line and the size of the initrd on the serial port, and switch
 * the machine off. It proves at no cost that a script led to the next stage, and with what.
 */
export function probeKernel(): Uint8Array {
  const image = Buffer.alloc(SETUP_BYTES + UPPER_BYTES);
  image.writeUInt8(SETUP_BYTES / 512 - 1, HEADER.setupSectors);
  image.writeUInt32LE(UPPER_BYTES / 16, HEADER.paragraphs);
  image.writeUInt16LE(0xaa55, HEADER.bootFlag);
  image.set([0xeb, CODE - HEADER.jump - 2], HEADER.jump); // jmp CODE
  image.write('HdrS', HEADER.magic, 'latin1');
  image.writeUInt16LE(VERSION, HEADER.version);
  image.writeUInt8(LOADED_HIGH, HEADER.loadFlags);
  image.writeUInt32LE(INITRD_LIMIT, HEADER.initrdLimit);
  image.writeUInt32LE(COMMAND_LINE_LIMIT, HEADER.commandLineLimit);
  image.set(assemble([...PROGRAM, ...PRINT, ...TEXTS], CODE), CODE);
  return image;
}

const PROGRAM: readonly CodeItem[] = [
  [0xfc], // cld
  ...printText('booted'),
  [0x66, 0xa1, ...word(COMMAND_LINE_POINTER)], // mov eax, [COMMAND_LINE_POINTER]
  [0x89, 0xc6, 0x83, 0xe6, 0x0f], // mov si, ax; and si, 0fh
  [0x66, 0xc1, 0xe8, 0x04], // shr eax, 4
  [0x1e, 0x8e, 0xd8], // push ds; mov ds, ax
  [0xe8], { far: 'print' }, // call print
  [0x1f], // pop ds
  ...printText('initrd'),
  [0x66, 0x8b, 0x1e, ...word(INITRD_SIZE)], // mov ebx, [INITRD_SIZE]
  [0xb9, ...word(8)], // mov cx, 8
  { label: 'digit' },
  [0x66, 0xc1, 0xc3, 0x04], // rol ebx, 4
  [0x88, 0xd8, 0x24, 0x0f], // mov al, bl; and al, 0fh
  [0x3c, 0x0a, 0x72, 0x02, 0x04, 0x27], // cmp al, 10; jb over; add al, 'a' - '0' - 10
  [0x04, 0x30], // over: add al, '0'
  [0xe8], { far: 'put' }, // call put
  [0xe2], { near: 'digit' }, // loop digit
  ...printText('end'),
  ...SWITCH_OFF,
];

const TEXTS: readonly CodeItem[] = [
  { label: 'booted' }, { text: `\r\n${PROBE_LINES.commandLine('')}\0` },
  { label: 'initrd' }, { text: `\r\n${PROBE_LINES.initrd(0).slice(0, -8)}\0` },
  { label: 'end' }, { text: '\r\n\0' },
];
