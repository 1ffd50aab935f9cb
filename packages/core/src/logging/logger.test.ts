import { expect, test } from 'vitest';
import { createRecordingLogger } from '../testing/recording-logger.js';
import { silentLogger, withFields } from './logger.js';

test('withFields adds its fields to each line of every level; the line itself wins', () => {
  const logger = createRecordingLogger();
  const bound = withFields(withFields(logger, { node: 'n', step: 1 }), { address: 'a' });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) bound[level]({ step: 2 }, level);
  expect(logger.lines).toEqual(
    ['debug', 'info', 'warn', 'error'].map((level) => ({ level, fields: { node: 'n', address: 'a', step: 2 }, message: level })),
  );
});

test('the silent logger takes everything', () => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) expect(silentLogger[level]({}, 'x')).toBeUndefined();
});
