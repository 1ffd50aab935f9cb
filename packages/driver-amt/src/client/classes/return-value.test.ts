import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { output, scriptedWsman, xml } from '../../../test/scripted-wsman.js';
import { callMethod, listInstances, unlessMissing } from './class-calls.js';
import { CIM_Chip } from './cim-hardware.js';
import { checkReturnValue, type MethodTable, readReturnValue, returnMeaning } from './return-value.js';

const CIM: MethodTable = { resource: 'AMT_MessageLog', method: 'ClearLog', kind: 'cim' };
const AMT: MethodTable = { resource: 'AMT_X', method: 'Do', kind: 'amt', returns: { 3: { code: 'BUSY', words: 'blocked', hint: 'Wait.' } } };

describe('what a ReturnValue means', () => {
  test('zero is success, and so is a job that was started', () => {
    expect(returnMeaning(CIM, 0)).toBeUndefined();
    expect(returnMeaning(AMT, 0)).toBeUndefined();
    expect(returnMeaning(CIM, 4096)).toBeUndefined();
  });

  test.each([
    [1, 'UNSUPPORTED', 'not supported'], [2, 'REFUSED', 'unknown or unspecified error'], [3, 'TIMEOUT', 'cannot complete in time'], [4, 'REFUSED', 'failed'],
    [5, 'REFUSED', 'invalid parameter'], [6, 'BUSY', 'in use'], [4097, 'CONFLICT', 'invalid state transition'],
    [4098, 'UNSUPPORTED', 'use of the timeout parameter not supported'], [4099, 'BUSY', 'busy'], [2058, 'REFUSED', 'a value without a meaning'],
    // A standard method adds 32768 to a status of AMT: 0x80b, 0x10, 0x821, 0x812, 0x26.
    [34827, 'CONFLICT', 'event log frozen'], [32784, 'REFUSED', 'not permitted'], [34849, 'REFUSED', 'user consent required'], [34834, 'UNSUPPORTED', 'unsupported'],
    [32806, 'BUSY', 'flash write limit exceeded'],
  ])('a standard method that answers %d', (value, code, words) => {
    expect(returnMeaning(CIM, value)).toMatchObject({ code, words });
  });

  test.each([
    [1, 'REFUSED', 'internal error'], [3, 'BUSY', 'blocked'], [16, 'REFUSED', 'not permitted'], [38, 'BUSY', 'flash write limit exceeded'], [2058, 'CONFLICT', 'duplicate'],
    [2068, 'NOT_FOUND', 'not found'], [34826, 'CONFLICT', 'duplicate'], [4242, 'REFUSED', 'a value without a meaning'],
  ])("a method of Intel's that answers %d", (value, code, words) => {
    expect(returnMeaning(AMT, value)).toMatchObject({ code, words });
  });

  test('any value has a meaning', () => {
    fc.assert(fc.property(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(CIM, AMT), (value, table) => {
      const meaning = returnMeaning(table, value);
      expect(meaning === undefined || meaning.words !== '').toBe(true);
    }));
  });
});

describe('checkReturnValue', () => {
  test('passes a success on', () => {
    const answer = output('Do', 0, '<Ta0>5</Ta0>');
    expect(checkReturnValue(AMT, answer)).toBe(answer);
  });

  test('says what was called and what came', () => {
    const refused = (): unknown => checkReturnValue(AMT, output('Do', 3));
    expect(refused).toThrow(
      expect.objectContaining({
        code: 'BUSY', message: 'AMT_X.Do answered 3: blocked', hint: 'Wait.', retryable: true, details: { class: 'AMT_X', method: 'Do', returnValue: 3 },
      }),
    );
    expect(() => checkReturnValue(AMT, output('Do', 38))).toThrow(expect.objectContaining({ code: 'BUSY', retryable: false }));
  });

  test('an output without a value, or of another method, is a fault', () => {
    expect(() => readReturnValue('Do', xml('<Do_OUTPUT><Other>1</Other></Do_OUTPUT>'))).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_FAULT', details: { class: 'Do_OUTPUT', field: 'ReturnValue' } }),
    );
    expect(() => readReturnValue('Do', output('Undo', 0))).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
  });
});

describe('class calls', () => {
  test('a method is called with its input and selectors', async () => {
    const device = scriptedWsman({ 'invoke AMT_X.Do': output('Do', 0) });
    const input = { fields: [{ name: 'A', value: 1 }] };
    await callMethod(device.wsman, AMT, input, { selectors: { InstanceID: 'x' } });
    expect(device.calls).toEqual([{ call: 'invoke AMT_X.Do', input, selectors: { InstanceID: 'x' } }]);
  });

  test('instances of a subclass are passed over, something else is a fault', async () => {
    const chip = xml('<CIM_Chip><Tag>CPU 0</Tag></CIM_Chip>');
    const memory = xml('<CIM_PhysicalMemory><Tag>1</Tag></CIM_PhysicalMemory>');
    expect(await listInstances(scriptedWsman({ 'enumerate CIM_Chip': [memory, chip] }).wsman, CIM_Chip)).toEqual([{ Tag: 'CPU 0' }]);
    await expect(listInstances(scriptedWsman({ 'enumerate CIM_Chip': [chip, xml('<html/>')] }).wsman, CIM_Chip)).rejects.toMatchObject({ code: 'PROTOCOL_FAULT' });
  });

  test('only a missing class is passed over', async () => {
    expect(await unlessMissing(Promise.reject(new FerricError('NOT_FOUND', 'x')))).toBeUndefined();
    expect(await unlessMissing(Promise.resolve(5))).toBe(5);
    await expect(unlessMissing(Promise.reject(new FerricError('REFUSED', 'x')))).rejects.toMatchObject({ code: 'REFUSED' });
  });
});
