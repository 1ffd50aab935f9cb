import { describe, expect, test } from 'vitest';
import { startBench } from './bench.js';
import { answerEdited, meddle } from './meddle.js';

const FIRST = 'http://192.0.2.1/first.iso';
const SECOND = 'http://192.0.2.1/second.iso';

/** A Gen10 whose first virtual drive takes CDs too. The simulator knows it as that for floppies. */
async function startWithTwoDrives() {
  const bench = await startBench({ generation: 'gen10' });
  meddle(({ url }, response) => /VirtualMedia\/1\/?$/.test(url ?? '') && answerEdited(response, (text) => text.replace('["Floppy","USBStick"]', '["CD","DVD"]')));
  const { media } = bench.ilo.machine;
  const fill = (drive: 'floppy' | 'cdrom', image: string): unknown => media.insert(drive, image, { overwrite: true, connect: true });
  return { ...bench, media, fill };
}

describe('two drives of one type', () => {
  test('are both read, and both emptied, each once', async () => {
    const { ilo, client, fill, media } = await startWithTwoDrives();
    fill('floppy', FIRST);
    fill('cdrom', SECOND);
    expect(await client.virtualMedia.read()).toEqual([{ type: 'cdrom', url: FIRST }, { type: 'cdrom', url: SECOND }]);
    await client.virtualMedia.eject('cdrom');
    expect([media.floppy.image, media.cdrom.image, await client.virtualMedia.read()]).toEqual([undefined, undefined, []]);
    await client.virtualMedia.eject('cdrom');
    expect(ilo.activity.operations).toEqual({ 'eject media': 2 });
  });

  test('the one that is empty is left alone', async () => {
    const { ilo, client, fill, media } = await startWithTwoDrives();
    fill('cdrom', SECOND);
    await client.virtualMedia.eject('cdrom');
    expect([media.cdrom.image, ilo.activity.operations]).toEqual([undefined, { 'eject media': 1 }]);
  });

  test('the next boot is from the one that holds something', async () => {
    const { client, fill, media } = await startWithTwoDrives();
    fill('cdrom', SECOND);
    await client.virtualMedia.bootOnce();
    expect(media.cdrom.bootsNext).toBe(true);
  });
});
