import { describe, expect, test } from 'vitest';
import { toFerricError } from '../../src/client/libvirt-error.js';
import { eventMessages } from '../../src/client/wire/event-messages.js';
import { encodeMessage } from '../../src/client/wire/message.js';
import { PROGRAMS } from '../../src/client/wire/procedure.js';
import { remoteError } from '../../src/client/wire/remote-error.js';
import type { XdrCodec } from '../../src/client/wire/xdr.js';
import { decode, encode, FIXTURES, isCall, isError, isEvent, isReply, PROCEDURES, readRecording, type RecordedMessage } from './recording.js';

// Libvirt's own client and daemon wrote these bytes: what they mean is not a matter of this package's opinion.

const messages = FIXTURES.flatMap(readRecording);
const nameOf = (number: number): string => PROCEDURES.get(number)?.name ?? `procedure ${number}`;

/** Called by virsh, and not offered here: os type, managed save, security model and label, messages. */
const ONLY_IN_C = [19, 121, 122, 183, 426];

function known(message: RecordedMessage): boolean {
  return PROCEDURES.has(message.procedure);
}

describe.each(FIXTURES)('in the recording %s', (fixture) => {
  const recording = readRecording(fixture);

  test('every call is encoded as the C client does it', () => {
    const calls = recording.filter((message) => isCall(message) && known(message));
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) {
      const procedure = PROCEDURES.get(call.procedure);
      if (procedure === undefined) throw new Error('filtered above');
      const args = decode(procedure.arguments, call.payload);
      expect(PROGRAMS[procedure.program]).toBe(call.program);
      const bytes = encodeMessage(call, (writer) => procedure.arguments.write(writer, args));
      expect(bytes.toString('hex'), `call of ${procedure.name}`).toBe(call.bytes.toString('hex'));
    }
  });

  test('every reply is read to its end and loses nothing', () => {
    const answered = recording.filter((message) => isReply(message) && known(message));
    expect(answered.length).toBeGreaterThan(1);
    for (const reply of answered) {
      const codec = PROCEDURES.get(reply.procedure)?.reply;
      if (codec === undefined) throw new Error('filtered above');
      expect(encode(codec, decode(codec, reply.payload)).toString('hex'), `reply of ${nameOf(reply.procedure)}`).toBe(reply.payload.toString('hex'));
    }
  });
});

test('every error and every event is read to its end and loses nothing', () => {
  const errors = messages.filter(isError);
  const events = messages.filter(isEvent);
  expect(errors.length).toBeGreaterThan(20);
  expect(events.length).toBeGreaterThan(15);
  for (const { payload } of errors) expect(encode(remoteError, decode(remoteError, payload)).toString('hex')).toBe(payload.toString('hex'));
  for (const { procedure, payload } of events) {
    const event = Object.values(eventMessages).find(({ number }) => number === procedure);
    if (event === undefined) throw new Error(`nobody knows event ${procedure}`);
    const codec = event.payload as XdrCodec<unknown>;
    expect(encode(codec, decode(codec, payload)).toString('hex'), event.name).toBe(payload.toString('hex'));
  }
});

test('nothing recorded is passed over, and hardly a procedure is missing', () => {
  const unknown = messages.filter((message) => isCall(message) && !known(message)).map(({ procedure }) => procedure);
  expect([...new Set(unknown)].toSorted((one, other) => one - other)).toEqual(ONLY_IN_C);
  const called = new Set(messages.filter(isCall).map(({ procedure }) => procedure));
  const missing = [...PROCEDURES.values()].filter(({ number }) => !called.has(number)).map(({ name }) => name);
  // The first needs a polkit daemon; the C client keeps the answer to the second for itself.
  expect(missing).toEqual(['auth_polkit', 'connect_get_uri']);
});

test('errors get the code that says what to do', () => {
  const rows = messages.filter(isError).map((message) => {
    const { code, details } = toFerricError(decode(remoteError, message.payload), { address: 'host', procedure: nameOf(message.procedure) });
    return `${nameOf(message.procedure)}: ${String(details['libvirtDomain'])} ${String(details['libvirtCodeName'])} is ${code}`;
  });
  expect([...new Set(rows)].toSorted()).toEqual([
    'auth_sasl_step: RPC AUTH_FAILED is AUTH_FAILED',
    'domain_create: QEMU OPERATION_INVALID is CONFLICT',
    'domain_create: TEST INTERNAL_ERROR is CONFLICT',
    'domain_define_xml: DOMAIN CONFIG_UNSUPPORTED is REFUSED',
    'domain_define_xml: DOMAIN XML_DETAIL is REFUSED',
    'domain_destroy: DOMAIN OPERATION_INVALID is CONFLICT',
    'domain_get_metadata: DOMAIN NO_DOMAIN_METADATA is NOT_FOUND',
    'domain_get_state: QEMU NO_DOMAIN is NOT_FOUND',
    'domain_inject_nmi: DOMAIN OPERATION_INVALID is CONFLICT',
    'domain_interface_addresses: QEMU AGENT_UNRESPONSIVE is BUSY',
    'domain_lookup_by_id: TEST NO_DOMAIN is NOT_FOUND',
    'domain_lookup_by_name: TEST NO_DOMAIN is NOT_FOUND',
    'domain_lookup_by_uuid: TEST NO_DOMAIN is NOT_FOUND',
    'domain_pm_wakeup: QEMU INTERNAL_ERROR is UNSUPPORTED',
    'domain_shutdown_flags: QEMU AGENT_UNRESPONSIVE is BUSY',
    'domain_undefine: QEMU OPERATION_INVALID is CONFLICT',
    'domain_undefine_flags: TEST INVALID_ARG is UNSUPPORTED',
    'network_create: NETWORK OPERATION_INVALID is CONFLICT',
    'network_lookup_by_name: NETWORK NO_NETWORK is NOT_FOUND',
    'storage_pool_lookup_by_name: STORAGE NO_STORAGE_POOL is NOT_FOUND',
    'storage_pool_undefine: STORAGE OPERATION_INVALID is CONFLICT',
    'storage_vol_create_xml: STORAGE STORAGE_VOL_EXIST is CONFLICT',
    'storage_vol_lookup_by_name: STORAGE NO_STORAGE_VOL is NOT_FOUND',
    'storage_vol_upload: STREAMS SYSTEM_ERROR is REFUSED',
  ]);
});

function replies(fixture: string, name: string): readonly unknown[] {
  const procedure = [...PROCEDURES.values()].find((each) => each.name === name);
  if (procedure === undefined) throw new Error(`${name} is no procedure`);
  return readRecording(fixture)
    .filter((message) => isReply(message) && message.procedure === procedure.number)
    .map((message) => decode(procedure.reply, message.payload));
}

describe('replies mean what the daemon meant', () => {
  test.each([
    ['host', 'connect_get_type', ['TEST', 'QEMU']],
    ['host', 'connect_get_version', [2n, 7_002_022n]],
    ['host', 'connect_get_lib_version', [9_000_000n, 9_000_000n]],
    ['host', 'connect_get_hostname', ['lab', 'lab']],
    ['networks', 'network_get_bridge_name', ['virbr7']],
    ['networks', 'network_get_autostart', [1]],
    ['storage', 'storage_vol_get_info', [{ type: 0, capacity: 4096n, allocation: 4096n }]],
    ['storage', 'storage_vol_get_path', ['/var/lib/libvirt/images/lab/disk.raw']],
    ['storage', 'storage_pool_lookup_by_volume', [{ name: 'lab', uuid: '8e2b3c4d-1f2a-4b3c-9d4e-5f6a7b8c9d0e' }]],
    ['system-domains', 'domain_create_with_flags', [{ name: 'ferric-wire', uuid: '5d4a2f70-9b3e-4c51-8f0b-6a1de2c7b901', id: 1 }]],
    ['system-domains', 'domain_get_state', [{ state: 3, reason: 1 }]],
    ['system-domains', 'domain_screenshot', ['image/png']],
    ['test-domains', 'domain_get_metadata', ['Träger', 'first line\nsecond line', '<node name="a"/>']],
  ])('%s: %s', (fixture, name, values) => {
    expect(replies(fixture, name)).toEqual(values);
  });

  test('an address that DHCP gave', () => {
    expect(replies('networks', 'network_get_dhcp_leases')).toContainEqual({
      count: 1,
      leases: [
        {
          interfaceName: 'virbr7', expiryTime: expect.any(BigInt) as bigint, type: 0, mac: '52:54:00:0a:0b:0c', iaid: null, address: '192.0.2.10', prefix: 24,
          hostname: null, clientId: '01:52:54:00:0a:0b:0c',
        },
      ],
    });
  });

  test('the states of 100 domains', () => {
    const [records] = replies('test-many-domains', 'connect_get_all_domain_stats') as readonly (readonly { domain: { name: string }; parameters: unknown }[])[];
    expect(records).toHaveLength(100);
    expect(records?.find(({ domain }) => domain.name === 'node-042')?.parameters).toEqual([
      { field: 'state.state', type: 'int', value: 5 },
      { field: 'state.reason', type: 'int', value: 0 },
    ]);
  });

  test('statistics of a running machine, of several types', () => {
    const [records] = replies('system-domains', 'connect_get_all_domain_stats') as readonly (readonly { parameters: readonly { type: string }[] }[])[];
    expect(new Set(records?.[0]?.parameters.map(({ type }) => type))).toEqual(new Set(['int', 'uint', 'llong', 'ullong', 'string']));
  });
});

test('events of one machine, as they came', () => {
  const rows = readRecording('events').filter(isEvent).flatMap(({ procedure, payload }) => {
    if (procedure !== eventMessages.lifecycle.number) return [];
    const { callbackId, domain, event, detail } = decode(eventMessages.lifecycle.payload, payload);
    return callbackId === 0 ? [`${domain.name} ${domain.id}: ${event}/${detail}`] : [];
  });
  expect(rows).toEqual(['events -1: 0/0', 'events 4: 4/0', 'events 4: 2/0', 'events 4: 3/0', 'events 4: 4/0', 'events 4: 6/2', 'events -1: 5/1', 'events -1: 1/0']);
});

test('events that tell of other things', () => {
  const others = readRecording('events').filter((message) => isEvent(message) && message.procedure !== eventMessages.lifecycle.number);
  const domain = { name: 'events', uuid: '5d4a2f70-9b3e-4c51-8f0b-6a1de2c7b905', id: 4 };
  expect(others.map(({ procedure }) => procedure)).toEqual([319, 379, 379]);
  const [reboot, title, element] = others.map(({ payload }) => payload) as [Buffer, Buffer, Buffer];
  expect(decode(eventMessages.reboot.payload, reboot)).toEqual({ callbackId: 1, domain });
  expect(decode(eventMessages.metadataChange.payload, title)).toEqual({ callbackId: 4, domain, type: 1, uri: null });
  expect(decode(eventMessages.metadataChange.payload, element)).toEqual({ callbackId: 4, domain, type: 2, uri: 'https://ferric.example/node' });
});
