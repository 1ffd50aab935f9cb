import { FerricError, type JsonObject } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as redfish from '../src/index.js';
import { failure } from './support/failure.js';
import { startService } from './support/scripted-service.js';

/** Everything that makes values of a resource. */
const DECODERS: Readonly<Record<string, (resource: redfish.Resource) => unknown>> = {
  decodeSystemFacts: redfish.decodeSystemFacts,
  decodeSystemPower: redfish.decodeSystemPower,
  resetTypes: redfish.resetTypes,
  decodeBootOverride: redfish.decodeBootOverride,
  decodeIdentifyLight: redfish.decodeIdentifyLight,
  decodeBios: redfish.decodeBios,
  decodeSecureBoot: redfish.decodeSecureBoot,
  decodeVirtualMedia: redfish.decodeVirtualMedia,
  decodeThermal: (resource) => redfish.decodeSensorLists(resource, redfish.THERMAL_LISTS),
  decodePower: (resource) => redfish.decodeSensorLists(resource, redfish.POWER_LISTS),
  decodeSensor: redfish.decodeSensor,
  decodeUpdateService: redfish.decodeUpdateService,
  decodeManagerFacts: redfish.decodeManagerFacts,
  decodeLogEntry: redfish.decodeLogEntry,
  decodeDrive: redfish.decodeDrive,
  decodeVolume: redfish.decodeVolume,
  decodeMemory: redfish.decodeMemory,
  decodeProcessor: redfish.decodeProcessor,
  decodeEthernetInterface: redfish.decodeEthernetInterface,
  decodeTask: (resource) => redfish.decodeTask(resource.body, resource.path),
  membersOf: redfish.membersOf,
  findLinks: (resource) => redfish.findLinks(resource, 'Bios', 'Chassis', 'VirtualMedia'),
  findAction: (resource) => [redfish.findAction(resource, 'Reset'), redfish.findAction(resource, 'Reset', 'vendor')],
  writablePath: redfish.writablePath,
};

/** Names that the decoders look at, so that values of any kind get to them. */
const NAMES = [
  'Oem', 'Hpe', 'Hp', 'Links', 'links', 'Actions', '#ComputerSystem.Reset', 'target', 'AvailableActions', 'Action', 'Capabilities', 'PropertyName', 'AllowableValues', 'Boot',
  'BootSourceOverrideEnabled', 'BootSourceOverrideTarget@Redfish.AllowableValues', 'Status', 'Health', 'State', 'Members', 'Items', 'Member', 'self', 'href', '@odata.id', '@odata.nextLink',
  'Members@odata.nextLink', 'NextPage', 'page', 'Temperatures', 'Fans', 'PowerControl', 'Reading', 'ReadingCelsius', 'Thresholds', 'UpperCaution', 'Attributes', '@Redfish.Settings', 'SettingsObject',
  'SettingsResult', 'Messages', 'MessageId', 'MessageArgs', 'PowerState', 'PostState', 'Image', 'Inserted', 'MediaTypes', 'TaskState', 'PercentComplete', 'CapacityBytes', 'Identifiers', 'Drives',
  'TotalCores', 'MACAddress', 'Created', 'Id', 'Name', 'Bios', 'Chassis', 'VirtualMedia', 'Memory', 'MemorySummary', 'Processors', 'Settings', 'IndicatorLED', 'SecureBootEnable', '__proto__', 'constructor',
];

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 'true', 0, 1.5, '7', '', 'On', '/redfish/v1/x', 'http://a/b', '//b', 'Enabled', 'Once'),
    fc.dictionary(fc.constantFrom(...NAMES), tie('tree'), { maxKeys: 6, noNullPrototype: true }),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.string(),
  ),
}));
const resources = fc.dictionary(fc.constantFrom(...NAMES), tree, { maxKeys: 10, noNullPrototype: true }).map((body) => redfish.inlineResource('/r', body as JsonObject));

describe('whatever a resource holds', () => {
  test.each(Object.entries(DECODERS))('%s yields a value or a FerricError', (_name, decode) => {
    fc.assert(
      fc.property(resources, (resource) => {
        try {
          decode(resource);
        } catch (error) {
          expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('whatever the service answers, with any status, a call yields or fails with a FerricError', async () => {
  let answer: { status: number; body: unknown } = { status: 200, body: {} };
  await using service = await startService(() => answer);
  await using client = redfish.createRedfishClient({ url: service.url });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(200, 201, 202, 400, 401, 403, 404, 405, 409, 500, 501), fc.oneof(tree, fc.string(), fc.jsonValue()), async (status, body) => {
      answer = { status, body: typeof body === 'string' ? body : (body ?? 'null') };
      const outcome = await client.post('/r', {}).then(
        (reply) => reply.status,
        (error: unknown) => error,
      );
      expect(outcome === status || FerricError.is(outcome)).toBe(true);
    }),
    { numRuns: 200 },
  );
  answer = { status: 200, body: 'null' };
  expect(await failure(client.read('/r'))).toMatchObject({ code: 'PROTOCOL_FAULT' });
});
