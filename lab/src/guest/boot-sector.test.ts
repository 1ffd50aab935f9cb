import { expect, test } from 'vitest';
import { bootSector, GUEST_LINES, SECTOR_BYTES } from './boot-sector.ts';

const text = (sector: Uint8Array): string => Buffer.from(sector).toString('latin1');

test('is one sector with the mark at its end, whatever it is named', () => {
  for (const medium of ['D', 'DISK', 'X'.repeat(30)]) {
    const sector = bootSector({ medium });
    expect(sector).toHaveLength(SECTOR_BYTES);
    expect([...sector.subarray(-2)]).toEqual([0x55, 0xaa]);
    expect(text(sector)).toContain(`${GUEST_LINES.ready(medium)}\r\n\0`);
  }
});

test('only one that obeys the power button switches it on', () => {
  // mov dx, 602h: the register that enables the button.
  expect(text(bootSector({ medium: 'DISK' }))).toContain('\u00ba\u0002\u0006');
  expect(text(bootSector({ medium: 'DISK', obeysPowerButton: false }))).not.toContain('\u00ba\u0002\u0006');
});

test.each(['', 'X'.repeat(31), 'two words', 'naïve'])('refuses the name %j', (medium) => {
  expect(() => bootSector({ medium })).toThrow('cannot be named');
});
