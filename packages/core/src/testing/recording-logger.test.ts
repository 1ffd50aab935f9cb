import { expect, test } from 'vitest';
import { withFields } from '../logging/logger.js';
import { createRecordingLogger } from './recording-logger.js';

test('keeps level, fields and message, and is a logger for withFields', () => {
  const logger = createRecordingLogger();
  const bound = withFields(logger, { node: 'n1', step: 'a' });
  bound.debug({ step: 'b' }, 'one');
  bound.info({}, 'two');
  bound.warn({}, 'three');
  bound.error({ deep: { inner: ['x'] } }, 'four');
  expect(logger.lines).toEqual([
    { level: 'debug', fields: { node: 'n1', step: 'b' }, message: 'one' },
    { level: 'info', fields: { node: 'n1', step: 'a' }, message: 'two' },
    { level: 'warn', fields: { node: 'n1', step: 'a' }, message: 'three' },
    { level: 'error', fields: { node: 'n1', step: 'a', deep: { inner: ['x'] } }, message: 'four' },
  ]);
  expect(logger.at('warn').map((line) => line.message)).toEqual(['three']);
  expect(logger.text()).toContain("deep: { inner: [ 'x' ] }");
});

test('keeps the newest lines only and counts the others', () => {
  const logger = createRecordingLogger(2);
  for (const message of ['one', 'two', 'three']) logger.info({}, message);
  expect(logger.lines.map((line) => line.message)).toEqual(['two', 'three']);
  expect(logger.dropped).toBe(1);
  logger.clear();
  expect([logger.lines.length, logger.dropped]).toEqual([0, 0]);
});

test('a line does not change when the caller changes its fields later', () => {
  const logger = createRecordingLogger();
  const fields = { count: 1 };
  logger.info(fields, 'counted');
  fields.count = 2;
  expect(logger.lines[0]?.fields).toEqual({ count: 1 });
});
