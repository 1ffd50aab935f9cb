import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import { describe, expect, it } from 'vitest';
import { ConstraintViolation } from '../database-errors.js';
import { endsSession, mayRunAgain, translatePostgresqlError } from './postgresql-errors.js';

/** An error as the client library throws it. */
function serverError(fields: Record<string, string>): Error {
  const error = Object.assign(new Error(fields['message'] ?? 'it failed'), { severity: 'ERROR', ...fields });
  error.name = 'PostgresError';
  Object.defineProperties(error, { query: { value: 'update nodes' }, parameters: { value: ['swordfish'] } });
  return error;
}

describe('errors of PostgreSQL', () => {
  it('name the column whose value is taken', () => {
    const error = translatePostgresqlError(serverError({ code: '23505', table_name: 'nodes', constraint_name: 'nodes_instance_uuid_unique' }));
    expect(error).toMatchObject({ kind: 'taken', constraint: 'nodes.instance_uuid' });
    expect(error).toBeInstanceOf(ConstraintViolation);
  });

  it('name the table whose reference leads nowhere', () => {
    const error = translatePostgresqlError(serverError({ code: '23503', table_name: 'ports' }));
    expect(error).toMatchObject({ kind: 'missing reference', constraint: 'ports' });
  });

  it('carry no statement, parameter or row', () => {
    const detail = 'Failing row contains (1, swordfish).';
    const error = translatePostgresqlError(serverError({ code: '23502', detail, message: 'null value in column "name"' }));
    expect(FerricError.is(error)).toBe(true);
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain('swordfish');
  });

  it.each([
    ['40P01', 'INTERNAL', true], ['40001', 'INTERNAL', true], ['55P03', 'BUSY', false], ['57014', 'TIMEOUT', false], ['28P01', 'AUTH_FAILED', false],
    ['3D000', 'NOT_FOUND', false], ['53300', 'BUSY', false], ['XX000', 'INTERNAL', false],
  ])('%s mean %s; worth another run: %s', (code, meaning, again) => {
    const error = translatePostgresqlError(serverError({ code }));
    expect(error).toMatchObject({ code: meaning });
    expect(mayRunAgain(error)).toBe(again);
  });

  it('tell a lost session from a refused statement', () => {
    const lost = [
      serverError({ severity: 'FATAL', code: '57P01' }),
      Object.assign(new Error('closed'), { code: 'CONNECTION_CLOSED' }),
      Object.assign(new Error('broken'), { code: 'EPIPE' }),
    ];
    expect(lost.map(endsSession)).toEqual([true, true, true]);
    expect(lost.map((error) => (translatePostgresqlError(error) as FerricError).code)).toEqual(['UNREACHABLE', 'UNREACHABLE', 'UNREACHABLE']);
    expect([serverError({ code: '23505' }), new Error('of the work'), 'text'].map(endsSession)).toEqual([false, false, false]);
  });

  it('leave the errors of others alone', () => {
    for (const error of [new Error('of the work'), new FerricError('BUSY', 'busy'), 'text', Object.assign(new Error('of Node'), { code: 'ERR_ASSERTION' })]) {
      expect(translatePostgresqlError(error)).toBe(error);
    }
  });
});
