import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { GUEST_LINES } from '../guest/boot-sector.ts';
import { cdromImage, diskImage } from '../guest/media.ts';
import { commandLines } from '../system/command-lines.ts';
import { waitFor } from '../system/poll.ts';
import { startPlainGuest } from './plain-guest.ts';

const folders = (): readonly string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('ferric-guest-'));

test.each([
  ['DISK', ['hd', 'cdrom']],
  ['CDROM', ['cdrom', 'hd']],
] as const)('boots the %s when that is first', async (medium, bootOrder) => {
  const directory = await mkdtemp(join(tmpdir(), 'ferric-media-'));
  try {
    const files = { disk: join(directory, 'disk'), cdrom: join(directory, 'cdrom') };
    writeFileSync(files.disk, diskImage({ medium: 'DISK' }));
    writeFileSync(files.cdrom, cdromImage({ medium: 'CDROM' }));
    await using guest = await startPlainGuest({ ...files, bootOrder });
    await guest.waitForSerial(GUEST_LINES.ready(medium));
    await guest[Symbol.asyncDispose]();
    expect([guest.end, guest.serialText().includes(GUEST_LINES.ready(medium))]).toEqual(['disposed', true]);
    await expect(guest.waitForSerial('more')).rejects.toThrow(/has ended.*FERRIC GUEST READY/s);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test.each(['SIGTERM', 'SIGKILL'] as const)('nothing is left when the process that started it ends by %s', async (signal) => {
  const before = folders();
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../test/programs/abandon-plain.ts', import.meta.url))], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { value: uuid } = (await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()) as { readonly value: string };
  const processes = (): readonly string[] => commandLines().filter((line) => line.includes(uuid));
  await waitFor('QEMU to run', () => (processes().length > 0 ? true : undefined));
  const [folder = ''] = folders().filter((name) => !before.includes(name) && processes().some((line) => line.includes(name)));
  expect(folder).not.toBe('');
  child.kill(signal);
  await once(child, 'close');
  await waitFor('everything to be gone', () => (processes().length === 0 && !folders().includes(folder) ? true : undefined));
});
