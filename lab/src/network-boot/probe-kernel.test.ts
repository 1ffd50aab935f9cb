import { expect, test } from 'vitest';
import { probeKernel } from './probe-kernel.ts';

// Offsets from Linux, Documentation/arch/x86/boot.rst.
test('has the header that boot loaders look for, and a jump over it', () => {
  const image = Buffer.from(probeKernel());
  expect(image.toString('latin1', 0x202, 0x206)).toBe('HdrS');
  expect([image.readUInt16LE(0x1fe), image.readUInt16LE(0x206), image.readUInt8(0x211)]).toEqual([0xaa55, 0x0206, 1]);
  const [setupBytes, upperBytes] = [(image.readUInt8(0x1f1) + 1) * 512, image.readUInt32LE(0x1f4) * 16];
  expect(image.length).toBe(setupBytes + upperBytes);
  // The header reaches up to where the jump leads; behind it there is code.
  expect(image.readUInt8(0x200)).toBe(0xeb);
  expect(0x202 + image.readUInt8(0x201)).toBe(0x240);
  expect(image.readUInt8(0x240)).toBe(0xfc);
});
