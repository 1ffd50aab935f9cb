import { abortable, FerricError } from '@ferric/core';
import { describe, expect, test, vi } from 'vitest';
import { getBootParameter, readBootFlags, setBootDevice, setBootParameter } from '../../src/commands/index.js';
import type { RequestCarrier } from '../../src/message/request.js';
import { type Answer, scriptBmc, type ScriptedBmc } from './scripted-bmc.js';

const READ = '00/09 05 00 00';

/** A controller that keeps the boot flags, changed by `keep`, and answers as `script` says otherwise. */
function keepingBmc(keep: (flags: readonly string[]) => readonly string[], script: Readonly<Record<string, Answer>> = {}): ScriptedBmc {
  let kept: readonly string[] = ['00', '00', '00', '00', '00'];
  return scriptBmc((text) => {
    const scripted = script[text];
    if (scripted !== undefined) return scripted;
    const written = /^00\/08 05 (.*)$/.exec(text)?.[1];
    if (written !== undefined) kept = keep(written.split(' '));
    if (text === READ) return `00 01 05 ${kept.join(' ')}`;
    return '00';
  });
}

const everything = (flags: readonly string[]): readonly string[] => flags;
const deviceOnly = ([, device = '00']: readonly string[]): readonly string[] => ['00', device, '00', '00', '00'];

describe('setBootDevice', () => {
  test('writes all that helps, the flags, and reads them back', async () => {
    const bmc = keepingBmc(everything);
    const outcome = await setBootDevice(bmc, { device: 'pxe', persistent: true, efi: true });
    expect(bmc.requests).toEqual(['00/08 03 08', '00/08 00 01', '00/08 04 01 01', '00/08 05 e0 04 00 00 00', '00/08 00 00', READ]);
    expect(outcome).toMatchObject({ kept: { valid: true, persistent: true, efi: true, device: 'pxe' }, differences: [] });
  });

  test('leaves the timeout alone when told so', async () => {
    const bmc = keepingBmc(everything);
    await setBootDevice(bmc, { device: 'disk' }, { disableTimeout: false });
    expect(bmc.requests).toEqual(['00/08 00 01', '00/08 04 01 01', '00/08 05 80 08 00 00 00', '00/08 00 00', READ]);
  });

  test('none takes a choice back', async () => {
    const bmc = keepingBmc(everything);
    await setBootDevice(bmc, { device: 'none' });
    expect(bmc.requests).toContain('00/08 05 80 00 00 00 00');
  });

  test('ipmi_sim: helpers refused, only the device kept', async () => {
    const bmc = keepingBmc(deviceOnly, { '00/08 03 08': 'cc', '00/08 00 01': 'cc' });
    const outcome = await setBootDevice(bmc, { device: 'pxe', persistent: true, efi: true });
    expect(bmc.requests).toEqual(['00/08 03 08', '00/08 00 01', '00/08 04 01 01', '00/08 05 e0 04 00 00 00', READ]);
    expect(outcome.differences).toEqual(['valid', 'persistent', 'efi']);
  });

  test('go-ipmi: parameters 0 and 3 unknown', async () => {
    const bmc = keepingBmc(everything, { '00/08 03 08': '80', '00/08 00 01': '80' });
    expect((await setBootDevice(bmc, { device: 'cdrom', efi: true })).differences).toEqual([]);
  });

  test('a mark that was left behind is taken away, and the change made without', async () => {
    const bmc = keepingBmc(everything, { '00/08 00 01': '81' });
    await setBootDevice(bmc, { device: 'bios' });
    expect(bmc.requests).toEqual(['00/08 03 08', '00/08 00 01', '00/08 00 00', '00/08 04 01 01', '00/08 05 80 18 00 00 00', READ]);
  });

  test('flags that are refused count, and the mark is taken away', async () => {
    const bmc = keepingBmc(everything, { '00/08 05 80 0c 00 00 00': 'cc' });
    await expect(setBootDevice(bmc, { device: 'safe' })).rejects.toMatchObject({ code: 'REFUSED', details: { completionCode: '0xcc' } });
    expect(bmc.requests.slice(-2)).toEqual(['00/08 05 80 0c 00 00 00', '00/08 00 00']);
  });

  test('another device read back is told', async () => {
    const bmc = keepingBmc(() => ['80', '08', '00', '00', '00']);
    await expect(setBootDevice(bmc, { device: 'pxe' })).rejects.toMatchObject({ code: 'REFUSED', details: { expected: 'pxe', received: 'disk' } });
  });

  test('a mark that cannot be taken away does not spoil what is done', async () => {
    const bmc = keepingBmc(everything, { '00/08 00 00': new FerricError('TIMEOUT', 'no answer') });
    expect((await setBootDevice(bmc, { device: 'pxe' })).differences).toEqual([]);
  });

  test('a controller that cannot be read back is believed', async () => {
    const bmc = keepingBmc(everything, { [READ]: 'c1' });
    expect(await setBootDevice(bmc, { device: 'pxe' })).toEqual({ kept: null, differences: [] });
  });

  test.each(['00/08 03 08', '00/08 00 01', '00/08 04 01 01', '00/08 05 80 04 00 00 00', READ])('no answer to %s ends it', async (request) => {
    const silence = new FerricError('TIMEOUT', 'no answer');
    await expect(setBootDevice(keepingBmc(everything, { [request]: silence }), { device: 'pxe' })).rejects.toBe(silence);
  });

  /** Aborts the caller when so many requests have been answered. */
  function abortingBmc(
    count: number,
    reason: Error,
    script: Readonly<Record<string, Answer>> = {},
  ): { readonly inner: ScriptedBmc; readonly bmc: RequestCarrier; readonly signal: AbortSignal } {
    const controller = new AbortController();
    const inner = keepingBmc(everything, script);
    const raw: RequestCarrier['raw'] = async (request, options) => {
      const answer = await inner.raw(request, options);
      if (inner.seen.length === count) controller.abort(reason);
      return answer;
    };
    return { inner, bmc: { address: inner.address, raw }, signal: controller.signal };
  }

  test.each([1, 5, 6])('aborted at request %i, it rejects with the reason and sends nothing more', async (count) => {
    const reason = new Error('enough');
    const { inner, bmc, signal } = abortingBmc(count, reason);
    await expect(setBootDevice(bmc, { device: 'pxe' }, { signal })).rejects.toBe(reason);
    expect(inner.seen).toHaveLength(count);
  });

  test.each([2, 3, 4])('aborted at request %i, it rejects with the reason and only takes the mark away', async (count) => {
    const reason = new Error('enough');
    const { inner, bmc, signal } = abortingBmc(count, reason);
    await expect(setBootDevice(bmc, { device: 'pxe' }, { signal })).rejects.toBe(reason);
    await vi.waitFor(() => expect(inner.seen).toHaveLength(count + 1));
    expect(inner.seen.at(-1)).toMatchObject({ text: '00/08 00 00', options: { timeoutMs: 2000 } });
  });

  test('a mark that cannot be taken away does not hide why it was aborted', async () => {
    const reason = new Error('enough');
    const { inner, bmc, signal } = abortingBmc(3, reason, { '00/08 00 00': new FerricError('TIMEOUT', 'no answer') });
    await expect(setBootDevice(bmc, { device: 'pxe' }, { signal })).rejects.toBe(reason);
    await vi.waitFor(() => expect(inner.requests.at(-1)).toBe('00/08 00 00'));
  });

  test('when the time is over the mark is taken away', async () => {
    const inner = keepingBmc(everything);
    const bmc: RequestCarrier = {
      address: inner.address,
      raw: async (request, options) => {
        const answer = await inner.raw(request, options);
        // The flags are taken, but nobody hears of it.
        return inner.requests.at(-1)?.startsWith('00/08 05') === true ? abortable(options?.signal, new Promise<never>(() => undefined)) : answer;
      },
    };
    await expect(setBootDevice(bmc, { device: 'pxe' }, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { step: 'Boot device pxe' } });
    await vi.waitFor(() => expect(inner.requests.at(-1)).toBe('00/08 00 00'));
  });

  test('all requests share one deadline', async () => {
    const bmc: ScriptedBmc = { ...keepingBmc(everything), raw: () => new Promise(() => undefined) };
    await expect(setBootDevice(bmc, { device: 'pxe' }, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'TIMEOUT', details: { address: '192.0.2.10:623' } });
  });

  test('flags that cannot be encoded are refused before anything is sent', async () => {
    const bmc = keepingBmc(everything);
    await expect(setBootDevice(bmc, { device: 'pxe', deviceInstance: 99 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(bmc.seen).toHaveLength(0);
  });
});

describe('boot parameters', () => {
  test('flags are read', async () => {
    expect(await readBootFlags(scriptBmc({ [READ]: '00 01 05 a0 14 00 00 11' }))).toMatchObject({ device: 'cdrom', efi: true, deviceInstance: 17 });
  });

  test('any parameter is read and written', async () => {
    const bmc = scriptBmc({ '00/09 07 00 01': '00 01 87 01 aa bb', '00/08 03 1f': '00', '00/08 e1 05': '00' });
    expect(await getBootParameter(bmc, 7, { block: 1 })).toEqual({ parameter: 7, version: 1, invalid: true, data: Uint8Array.of(1, 0xaa, 0xbb) });
    await setBootParameter(bmc, 3, Uint8Array.of(0x1f));
    await setBootParameter(bmc, 0x61, Uint8Array.of(5), { invalid: true });
    expect(bmc.requests).toEqual(['00/09 07 00 01', '00/08 03 1f', '00/08 e1 05']);
  });

  test('a parameter without data is read: ipmi_sim leaves that of parameter 4 away', async () => {
    expect(await getBootParameter(scriptBmc({ '00/09 04 00 00': '00 01 04' }), 4)).toMatchObject({ data: new Uint8Array() });
  });

  test('parameters outside 0..127 are refused', async () => {
    await expect(getBootParameter(scriptBmc({}), 128)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(setBootParameter(scriptBmc({}), -1, new Uint8Array())).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
