import { describe, expect, test } from 'vitest';
import { refuse } from '../../src/simulator/outcome.js';
import { failure, startBench } from './bench.js';
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

describe.each(['gen8', 'gen9', 'gen10'] as const)('%s: an image whose answer got lost, and that is refused when it is put in again', (generation) => {
  /** The first try is lost, and the second refused. @param meanwhile what the drive holds by then */
  async function insertTwice(meanwhile: string) {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    const { media } = ilo.machine;
    const insert = media.insert.bind(media);
    let tries = 0;
    media.insert = (kind, _image, how) => {
      tries += 1;
      if (tries === 1) void ilo.unplug().then(() => ilo.plugIn());
      else insert(kind, meanwhile, how);
      return tries === 1 ? undefined : refuse('media inserted');
    };
    return { client, media, triesOf: () => tries };
  }

  test('is in, since the first try went through', async () => {
    const { client, media, triesOf } = await insertTwice(FIRST);
    await client.virtualMedia.insert('cdrom', new URL(FIRST));
    expect([media.cdrom.image, triesOf()]).toEqual([FIRST, 2]);
  });

  test('is an error when another one is in', async () => {
    const { client } = await insertTwice(SECOND);
    expect((await failure(client.virtualMedia.insert('cdrom', new URL(FIRST)))).code).toMatch(/REFUSED|CONFLICT/);
  });
});
