import { FerricError, POWER_TARGETS, type FerricErrorCode, type Power } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { restartOnce } from './restart-once.js';

function failing(error: Error): Power {
  return {
    targets: new Set(POWER_TARGETS),
    read: async () => ({ state: 'power on', source: 'device', at: new Date(0) }),
    async set() {
      throw error;
    },
  };
}

describe('a restart whose answer was lost', () => {
  test.each(['rebooting', 'soft rebooting'] as const)("is not to be sent again ('%s')", async (target) => {
    const lost = new FerricError('UNREACHABLE', 'Lost', { details: { address: '192.0.2.1' } });
    await expect(restartOnce(failing(lost)).set(target)).rejects.toMatchObject({
      code: 'UNREACHABLE', message: 'Lost', retryable: false, details: { address: '192.0.2.1', once: true }, hint: expect.stringContaining('look at it') as string,
    });
  });

  test.each<[FerricErrorCode, Record<string, boolean>]>([['TIMEOUT', {}], ['PROTOCOL_FAULT', {}], ['REFUSED', { sent: true }], ['BUSY', { sent: true }]])(
    'is not to be sent again after %s %j',
    async (code, details) => {
      const lost = failing(new FerricError(code, 'Lost', { details }));
      await expect(restartOnce(lost).set('rebooting')).rejects.toMatchObject({ code, retryable: false, details: { once: true } });
    },
  );

  const ANSWERS: readonly FerricErrorCode[] = ['BUSY', 'UNSUPPORTED', 'REFUSED', 'AUTH_FAILED', 'INVALID_OPTIONS', 'CONFLICT'];
  test.each(ANSWERS)('that was answered by %s was none, and fails as it did', async (code) => {
    const error = new FerricError(code, 'Not now');
    await expect(restartOnce(failing(error)).set('rebooting')).rejects.toBe(error);
  });

  test.each<[string, Error, 'rebooting' | 'power on']>([
    ['that surely never left', new FerricError('UNREACHABLE', 'Not sent', { details: { sent: false } }), 'rebooting'],
    ['of another kind, which can be seen', new FerricError('UNREACHABLE', 'Lost'), 'power on'],
    ['that ended by a defect', new Error('defect'), 'rebooting'],
  ])('a command %s fails as it did', async (_name, error, target) => {
    await expect(restartOnce(failing(error)).set(target)).rejects.toBe(error);
  });
});

test('what else the power can do stays', async () => {
  const seen: string[] = [];
  const power = restartOnce({ ...failing(new Error('defect')), assume: (state) => void seen.push(state) });
  power.assume?.('power off', 'seen');
  expect([seen, (await power.read()).state, [...power.targets]]).toEqual([['power off'], 'power on', [...POWER_TARGETS]]);
  expect(restartOnce(failing(new Error('defect'))).assume).toBeUndefined();
});
