import { FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { isUnknownProcedure, toFerricError } from './libvirt-error.js';
import { libvirtErrorDomainName, libvirtErrorName } from './libvirt-error-names.js';
import type { RemoteError } from './wire/remote-error.js';

const FACTS = { address: '192.0.2.1:16514', procedure: 'domain_create' };

function remote(error: Partial<RemoteError>): RemoteError {
  return {
    code: 9, domain: 10, message: 'something', level: 2, domainObject: null, string1: null, string2: null, string3: null, integer1: -1, integer2: -1, networkObject: null,
    ...error,
  };
}

// Numbers of virterror.h, as libvirt-python 9.0.0 gives them.
test.each([
  [1, 'INTERNAL_ERROR', 'REFUSED', false],
  [2, 'NO_MEMORY', 'BUSY', true],
  [3, 'NO_SUPPORT', 'UNSUPPORTED', false],
  [5, 'NO_CONNECT', 'UNSUPPORTED', false],
  [8, 'INVALID_ARG', 'REFUSED', false],
  [9, 'OPERATION_FAILED', 'REFUSED', false],
  [27, 'XML_ERROR', 'REFUSED', false],
  [28, 'DOM_EXIST', 'CONFLICT', false],
  [29, 'OPERATION_DENIED', 'REFUSED', false],
  [35, 'XML_DETAIL', 'REFUSED', false],
  [37, 'NETWORK_EXIST', 'CONFLICT', false],
  [38, 'SYSTEM_ERROR', 'REFUSED', false],
  [39, 'RPC', 'PROTOCOL_FAULT', false],
  [42, 'NO_DOMAIN', 'NOT_FOUND', false],
  [43, 'NO_NETWORK', 'NOT_FOUND', false],
  [45, 'AUTH_FAILED', 'AUTH_FAILED', false],
  [49, 'NO_STORAGE_POOL', 'NOT_FOUND', false],
  [50, 'NO_STORAGE_VOL', 'NOT_FOUND', false],
  [55, 'OPERATION_INVALID', 'CONFLICT', false],
  [67, 'CONFIG_UNSUPPORTED', 'REFUSED', false],
  [68, 'OPERATION_TIMEOUT', 'BUSY', true],
  [74, 'ARGUMENT_UNSUPPORTED', 'UNSUPPORTED', false],
  [79, 'AUTH_CANCELLED', 'AUTH_FAILED', false],
  [80, 'NO_DOMAIN_METADATA', 'NOT_FOUND', false],
  [84, 'OPERATION_UNSUPPORTED', 'UNSUPPORTED', false],
  [86, 'AGENT_UNRESPONSIVE', 'BUSY', true],
  [87, 'RESOURCE_BUSY', 'BUSY', true],
  [88, 'ACCESS_DENIED', 'REFUSED', false],
  [90, 'STORAGE_VOL_EXIST', 'CONFLICT', false],
  [92, 'XML_INVALID_SCHEMA', 'REFUSED', false],
  [94, 'AUTH_UNAVAILABLE', 'AUTH_FAILED', false],
  [99, 'DEVICE_MISSING', 'NOT_FOUND', false],
  [110, 'MULTIPLE_DOMAINS', 'CONFLICT', false],
  [4711, 'ERROR_4711', 'REFUSED', false],
])('error %i is %s and becomes %s', (number, name, code, retryable) => {
  const error = toFerricError(remote({ code: number }), FACTS);
  expect({ code: error.code, retryable: error.retryable }).toEqual({ code, retryable });
  expect(error.details).toMatchObject({ ...FACTS, libvirtCode: number, libvirtCodeName: name, libvirtDomain: 'QEMU' });
});

describe('errors whose text decides', () => {
  test.each([
    [1, 7, 'internal error: client socket is closed', 'REFUSED', true],
    [1, 12, "internal error: Domain 'test' is already running", 'CONFLICT', false],
    [1, 12, "internal error: domain 'test' not running", 'CONFLICT', false],
    [1, 10, "internal error: domain 'test' not running", 'REFUSED', false],
    [9, 10, "operation failed: domain 'web' already exists with uuid 5f3f7bd0-6f0f-4c5e-9d55-0f0e0d0c0b0a", 'CONFLICT', false],
    [8, 12, 'unsupported flags (0x4) in function testDomainUndefineFlags', 'UNSUPPORTED', false],
    [1, 10, 'internal error: wake-up from suspend is not supported by this guest', 'UNSUPPORTED', false],
    [38, 7, "Failed to connect socket to '/run/libvirt/virtqemud-sock': No such file or directory", 'UNREACHABLE', true],
    [39, 7, 'unknown procedure: 443', 'UNSUPPORTED', false],
    [39, 7, 'authentication required', 'AUTH_FAILED', false],
    [39, 7, 'Unable to decode message payload', 'PROTOCOL_FAULT', false],
    [39, 38, 'stream had I/O failure', 'REFUSED', false],
  ])('%i of %i: %s', (code, domain, message, expected, retryable) => {
    const error = toFerricError(remote({ code, domain, message }), FACTS);
    expect({ code: error.code, retryable: error.retryable }).toEqual({ code: expected, retryable });
    expect(error.message).toContain(message);
  });
});

describe('hints name the fix', () => {
  test.each([
    [45, 'authentication failed', /password/],
    [94, 'no polkit agent available', /group libvirt/],
    [42, 'no domain', /virsh list --all/],
    [29, 'operation forbidden: read only access prevents virDomainDestroy', /^Permission denied: .*may only read/],
    [88, 'access denied', /^Permission denied: .*polkit/],
    [3, 'this function is not supported by the connection driver', /cannot do this/],
    [55, 'domain is already running', /Read the state/],
    [86, 'guest agent is not connected', /qemu-guest-agent/],
    [38, 'cannot write to stream: No space left on device', /room/],
    [90, 'storage volume exists already', /another name/],
  ])('%i', (code, message, hint) => {
    expect(toFerricError(remote({ code, message }), FACTS).hint).toMatch(hint);
  });
});

test('the message says what was asked of whom, and what the daemon says', () => {
  const error = toFerricError(remote({ code: 55, message: 'Requested operation is not valid: domain is already running' }), FACTS);
  expect(error.message).toBe('domain_create at 192.0.2.1:16514 failed: Requested operation is not valid: domain is already running');
});

test('the machine is named where the daemon names it, and the number of a system error', () => {
  const domainObject = { name: 'one', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: -1 };
  expect(toFerricError(remote({ domainObject }), FACTS).details).toMatchObject({ domain: 'one' });
  expect(toFerricError(remote({ code: 38, integer1: 28 }), FACTS).details).toMatchObject({ errno: 28 });
  expect(toFerricError(remote({}), FACTS).details).not.toHaveProperty('domain');
});

test('a password in a definition that the daemon quotes is not shown', () => {
  const message = "(domain_definition):1: Opening and ending tag mismatch\n<graphics type='vnc' passwd='hunter2-hunter2' port='5900'>\n-----^";
  const error = toFerricError(remote({ code: 35, message }), FACTS);
  expect(JSON.stringify(error)).not.toContain('hunter2');
  expect(error.message).toContain('tag mismatch');
});

test('a text without end is cut, and none is said to be none', () => {
  expect(toFerricError(remote({ message: 'x'.repeat(4_000_000) }), FACTS).message.length).toBeLessThan(1200);
  expect(toFerricError(remote({ message: null }), FACTS).message).toContain('no reason given');
});

test('names of libvirt', () => {
  expect([libvirtErrorName(0), libvirtErrorName(42), libvirtErrorName(113), libvirtErrorName(-1)]).toEqual(['OK', 'NO_DOMAIN', 'AGENT_COMMAND_FAILED', 'ERROR_-1']);
  expect([7, 12, 46, 72, 99].map(libvirtErrorDomainName)).toEqual(['RPC', 'TEST', 'AUTH', 'CH', 'DOMAIN_99']);
});

test('a daemon that lacks a procedure is told from one that cannot do a thing', () => {
  expect(isUnknownProcedure(toFerricError(remote({ code: 39, message: 'unknown procedure: 350' }), FACTS))).toBe(true);
  expect(isUnknownProcedure(toFerricError(remote({ code: 3 }), FACTS))).toBe(false);
  expect(isUnknownProcedure(new FerricError('UNSUPPORTED', 'unknown procedure'))).toBe(false);
  expect(isUnknownProcedure(undefined)).toBe(false);
});
