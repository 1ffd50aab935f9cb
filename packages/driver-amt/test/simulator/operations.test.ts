import { describe, expect, test } from 'vitest';
import { startAmtDevice } from '../../src/simulator/index.js';
import { callDevice, placeOf } from './support/caller.js';
import { authorization, readChallenge } from './support/digest.js';
import {
  action, element, type EnvelopeParts, enumerateBody, envelope, fieldsXml, pullBody, reference, releaseBody, uriOf,
} from './support/envelopes.js';
import { openRaw, post } from './support/raw-http.js';

const TLS_NETWORK = 'Intel(r) AMT 802.3 TLS Settings';

describe('what cannot be found', () => {
  test.each([
    ['class', 'CIM_Toaster', {}],
    ['instance', 'CIM_SoftwareIdentity', { InstanceID: 'Toaster' }],
  ])('no such %s', async (_what, resource, selectors) => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect(await caller.get(resource, selectors)).toMatchObject({ status: 400, fault: 'DestinationUnreachable' });
  });

  test('no such place', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.call({ action: action.get, resource: 'CIM_Chassis', to: '/somewhere' })).fault).toBe('DestinationUnreachable');
    expect((await caller.call({ action: action.get, resource: 'CIM_Chassis', to: 'http://192.0.2.1:16992/wsman' })).status).toBe(200);
  });
});

describe('selectors', () => {
  test.each([
    ['none where there are several', 'CIM_SoftwareIdentity', undefined, 'InvalidSelectors', 'InsufficientSelectors'],
    ['one that the class does not have', 'CIM_Chassis', { Colour: 'red' }, 'InvalidSelectors', 'UnexpectedSelectors'],
  ])('%s', async (_what, resource, selectors, fault, detail) => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const answer = await caller.get(resource, selectors);
    expect([answer.fault, answer.text('FaultDetail')]).toEqual([fault, `http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/${detail}`]);
  });

  test('pick one of several; a part of the keys is enough when it picks one', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.get('CIM_SoftwareIdentity', { InstanceID: 'AMT' })).text('VersionString')).toBe('15.0.23');
    expect((await caller.get('CIM_MediaAccessDevice', { DeviceID: 'MEDIA DEV 1' })).text('MaxMediaSize')).toBe('500107862');
    expect((await caller.get('CIM_PowerManagementService', { Name: 'Intel(r) AMT Power Management Service' })).status).toBe(200);
  });

  test('may have their Name in a namespace, as a retired driver of Ironic wrote it', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const headers = '<w:SelectorSet><w:Selector w:Name="InstanceID">Sku</w:Selector></w:SelectorSet>';
    expect((await caller.call({ action: action.get, resource: 'CIM_SoftwareIdentity', headers })).text('VersionString')).toBe('16392');
  });
});

describe('enumerations', () => {
  test('come in pages as small as they are asked for, or as the device likes', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const resource = 'CIM_SoftwareIdentity';
    const begun = await caller.call({ action: action.enumerate, resource, body: enumerateBody });
    const context = begun.text('EnumerationContext') ?? '';
    expect(context).toMatch(/^[\dA-F]{7,8}-0000-0000-0000-000000000000$/);
    const first = await caller.call({ action: action.pull, resource, body: pullBody(context, 4) });
    expect([first.texts('InstanceID').length, first.text('EnumerationContext'), first.body.includes('EndOfSequence')]).toEqual([4, context, false]);
    device.trouble.mostPullItems = 6;
    const second = await caller.call({ action: action.pull, resource, body: pullBody(context, 999) });
    expect([second.texts('InstanceID').length, second.text('EnumerationContext')]).toEqual([6, context]);
    const third = await caller.call({ action: action.pull, resource, body: pullBody(context) });
    expect([third.texts('InstanceID').length, third.text('EnumerationContext'), third.body.includes('EndOfSequence')]).toEqual([1, undefined, true]);
    expect((await caller.call({ action: action.pull, resource, body: pullBody(context) })).fault).toBe('InvalidEnumerationContext');
  });

  test('of nothing end at once', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.enumerate('IPS_AlarmClockOccurrence')).body).toMatch(/<g:PullResponse><g:Items><\/g:Items><g:EndOfSequence><\/g:EndOfSequence><\/g:PullResponse>/);
  });

  test('can be given up, are of one class, and are few: the oldest goes', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const resource = 'CIM_SoftwareIdentity';
    const begin = async (): Promise<string> => (await caller.call({ action: action.enumerate, resource, body: enumerateBody })).text('EnumerationContext') ?? '';
    const pull = async (context: string, of = resource): Promise<string | undefined> => (await caller.call({ action: action.pull, resource: of, body: pullBody(context) })).fault;
    const released = await begin();
    expect((await caller.call({ action: action.release, resource, body: releaseBody(released) })).status).toBe(200);
    expect(await pull(released)).toBe('InvalidEnumerationContext');
    const contexts = [await begin(), await begin(), await begin(), await begin(), await begin()];
    expect(await pull(contexts[0] ?? '')).toBe('InvalidEnumerationContext');
    expect(await pull(contexts[1] ?? '', 'CIM_Chassis')).toBe('InvalidEnumerationContext');
    expect(await pull(contexts[1] ?? '')).toBeUndefined();
  });

  test('with a filter are not supported', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const body = '<e:Enumerate xmlns:e="http://schemas.xmlsoap.org/ws/2004/09/enumeration"><w:Filter>all</w:Filter></e:Enumerate>';
    expect((await caller.call({ action: action.enumerate, resource: 'CIM_Chassis', body })).fault).toBe('UnsupportedFeature');
  });

  test('of a wider class name each instance by its own', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.enumerate('CIM_PhysicalPackage')).body).toMatch(/<h:CIM_Chassis>.*<i:CIM_Card>/);
  });
});

describe('Put', () => {
  const put = { InstanceID: TLS_NETWORK, AcceptNonSecureConnections: true };
  const selectors = { InstanceID: TLS_NETWORK };

  test('changes what may be changed, of one instance, and answers with the whole', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const answer = await caller.put('AMT_TLSSettingData', { ...put, TrustedCN: 'a &amp; b' }, selectors);
    expect([answer.status, answer.text('AcceptNonSecureConnections'), answer.text('Enabled'), answer.text('TrustedCN')]).toEqual([200, 'true', 'false', 'a &amp; b']);
    expect((await caller.enumerate('AMT_TLSSettingData')).texts('AcceptNonSecureConnections')).toEqual(['true', 'true']);
    expect(device.activity).toMatchObject({ flashWrites: 1, changeCommands: 1 });
  });

  test.each<[string, Record<string, string | boolean>, string]>([
    ['a field that nobody knows', { ...put, Colour: 'red' }, 'InvalidValues'],
    ['a field that may not be changed', { ...put, ElementName: 'mine' }, 'InvalidValues'],
    ['a value of another type', { ...put, Enabled: 'perhaps' }, 'InvalidValues'],
    ['no key', { Enabled: true }, 'MissingValues'],
  ])('is refused with %s', async (_what, fields, detail) => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const answer = await caller.put('AMT_TLSSettingData', fields, selectors);
    expect([answer.status, answer.fault, answer.text('FaultDetail')?.split('/').at(-1)]).toEqual([400, 'InvalidRepresentation', detail]);
    expect(answer.text('Action')).toBe('http://schemas.xmlsoap.org/ws/2004/09/transfer/fault');
    expect(device.activity.flashWrites).toBe(0);
  });

  test('is refused in another namespace, without selectors, and where nothing can be put', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const foreign = `<r:AMT_TLSSettingData xmlns:r="http://intel.com/wbem/wscim/1/amt-schema/1/AMT_TLSSettingData"><Enabled>true</Enabled></r:AMT_TLSSettingData>`;
    expect((await caller.call({ action: action.put, resource: 'AMT_TLSSettingData', body: foreign, selectors })).text('FaultDetail')).toMatch(/InvalidNamespace$/);
    expect((await caller.put('AMT_TLSSettingData', put)).fault).toBe('InvalidSelectors');
    expect((await caller.put('CIM_Chassis', { Model: 'other' })).fault).toBe('ActionNotSupported');
  });

  test('is refused when the flash memory is worn out', async () => {
    await using device = await startAmtDevice({ flashWriteLimit: 2 });
    using caller = callDevice(device);
    const results = [];
    for (let turn = 0; turn < 3; turn += 1) results.push(await caller.put('AMT_TLSSettingData', put, selectors));
    expect(results.map(({ status }) => status)).toEqual([200, 200, 500]);
    expect([results[2]?.fault, results[2]?.texts('Text').at(-1)]).toEqual(['InternalError', 'AMT-STATUS 38']);
    expect((await caller.invoke('AMT_RedirectionService', 'RequestStateChange', { RequestedState: 32_768 })).text('ReturnValue')).toBe('38');
  });

  test('of network and general settings stays', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const wired = { InstanceID: 'Intel(r) AMT Ethernet Port Settings 0' };
    const answer = await caller.call({
      action: action.put, resource: 'AMT_EthernetPortSettings', selectors: wired,
      body: element(
        'AMT_EthernetPortSettings', 'AMT_EthernetPortSettings',
        `${fieldsXml({ ...wired, DHCPEnabled: false, IPAddress: '192.0.2.9' })}<r:LinkPolicy>1</r:LinkPolicy><r:LinkPolicy>16</r:LinkPolicy>`,
      ),
    });
    expect([answer.texts('LinkPolicy'), answer.text('IPAddress'), answer.text('DHCPEnabled')]).toEqual([['1', '16'], '192.0.2.9', 'false']);
    await caller.put('AMT_GeneralSettings', { InstanceID: 'Intel(r) AMT: General Settings', HostName: 'desk-7' });
    expect((await caller.get('AMT_GeneralSettings')).text('HostName')).toBe('desk-7');
  });
});

describe('Create and Delete', () => {
  test('take the certificate of TLS away and back', async () => {
    await using device = await startAmtDevice({ protocols: 'both' });
    using caller = callDevice(device);
    const resource = 'AMT_TLSCredentialContext';
    const certificate = { InstanceID: 'Intel(r) AMT Certificate: Handle: 0' };
    expect((await caller.get('AMT_PublicKeyCertificate', certificate)).text('X509Certificate')).toBe(Buffer.from(device.certificate?.der ?? []).toString('base64'));
    expect((await caller.call({ action: action.delete, resource })).status).toBe(200);
    expect((await caller.get(resource)).fault).toBe('DestinationUnreachable');
    const collection = { ElementName: 'Intel(r) AMT:TLSProtocolEndpoint Instances Collection' };
    const body = element(resource, resource,
      `<r:ElementInContext>${reference('AMT_PublicKeyCertificate', certificate)}</r:ElementInContext>` +
      `<r:ElementProvidingContext>${reference('AMT_TLSProtocolEndpointCollection', collection)}</r:ElementProvidingContext>`);
    const made = await caller.call({ action: action.create, resource, body });
    expect([made.status, made.text('Action'), made.body.includes('<g:ResourceCreated>')]).toEqual([200, 'http://schemas.xmlsoap.org/ws/2004/09/transfer/CreateResponse', true]);
    expect((await caller.get(resource)).status).toBe(200);
    expect((await caller.call({ action: action.create, resource: 'CIM_Chassis', body: element('CIM_Chassis', 'CIM_Chassis', '') })).fault).toBe('ActionNotSupported');
  });
});

describe('requests that are wrong', () => {
  /** A method of the event log by its action, with the input of the same or another one. */
  const method = (name: string, inputOf: string, inner: string): EnvelopeParts => {
    const resource = 'AMT_MessageLog';
    return { action: `${uriOf(resource)}/${name}`, resource, body: element(resource, `${inputOf}_INPUT`, inner) };
  };

  test.each([
    ['an unknown method', { action: 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_Chassis/Explode', resource: 'CIM_Chassis' }, 'ActionNotSupported'],
    ['an action of somewhere else', { action: 'http://example.com/Get', resource: 'CIM_Chassis' }, 'ActionNotSupported'],
    ['no action', { action: '', resource: 'CIM_Chassis' }, 'MessageInformationHeaderRequired'],
    ['a header that must be understood', { action: action.get, resource: 'CIM_Chassis', headers: '<w:OptionSet s:mustUnderstand="true"/>' }, 'MustUnderstand'],
    ['an answer to be sent elsewhere', { action: action.get, resource: 'CIM_Chassis', replyTo: 'http://example.com/' }, 'UnsupportedFeature'],
    ['too small an envelope', { action: action.get, resource: 'CIM_Chassis', headers: '<w:MaxEnvelopeSize>49999</w:MaxEnvelopeSize>' }, 'EncodingLimit'],
    ['an input of another method', method('ClearLog', 'FreezeLog', ''), 'SchemaValidationError'],
    ['a parameter that nobody knows', method('ClearLog', 'ClearLog', '<r:Colour>red</r:Colour>'), 'SchemaValidationError'],
    ['a parameter too few', method('GetRecords', 'GetRecords', '<r:IterationIdentifier>1</r:IterationIdentifier>'), 'SchemaValidationError'],
  ])('%s', async (_what, parts, fault) => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    expect((await caller.call({ ...parts, messageId: 'mine' })).fault).toBe(fault);
  });

  test.each([
    ['no XML', 'hello'],
    ['an element that does not end', envelope({ action: action.get, resource: 'CIM_Chassis' }).replace('</s:Body>', '')],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${envelope({ action: action.get, resource: 'CIM_Chassis' }).replace(/^<\?xml[^>]*>/, '')}`],
    ['a prefix of nobody', envelope({ action: action.get, resource: 'CIM_Chassis', body: '<z:a/>' })],
    ['another envelope', '<Envelope><Header/><Body/></Envelope>'],
    ['a hundred elements in each other', envelope({ action: action.get, resource: 'CIM_Chassis', body: '<a>'.repeat(100) + '</a>'.repeat(100) })],
  ])('%s', async (_what, body) => {
    await using device = await startAmtDevice();
    using raw = await openRaw(placeOf(device));
    raw.send(post(''));
    const challenge = readChallenge((await raw.answer()).head);
    using again = await openRaw(placeOf(device));
    again.send(post(body, [authorization({ username: device.username, password: device.password, challenge, count: 1 })]));
    const answer = await again.answer();
    expect([answer.status, /<a:Subcode><a:Value>[a-z]:(\w+)</.exec(answer.body)?.[1]]).toEqual([400, 'SchemaValidationError']);
  });

  test('values are unescaped on the way in and escaped on the way out; the id of a request comes back', async () => {
    await using device = await startAmtDevice();
    using caller = callDevice(device);
    const answer = await caller.call({
      action: action.put, resource: 'AMT_GeneralSettings', messageId: 'uuid:&lt;7&gt;',
      body: element('AMT_GeneralSettings', 'AMT_GeneralSettings', fieldsXml({ InstanceID: 'Intel(r) AMT: General Settings', HostName: '&#x41;&amp;&#66;&quot;&lt;' })),
    });
    expect([answer.text('RelatesTo'), answer.text('HostName')]).toEqual(['uuid:&lt;7&gt;', 'A&amp;B&quot;&lt;']);
  });
});

test('whoever asks who is there is told, once logged in', async () => {
  await using device = await startAmtDevice();
  using raw = await openRaw(placeOf(device));
  raw.send(post(''));
  const challenge = readChallenge((await raw.answer()).head);
  using again = await openRaw(placeOf(device));
  const body = '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">' +
    '<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>';
  again.send(post(body, [authorization({ username: device.username, password: device.password, challenge, count: 1 })]));
  expect((await again.answer()).body).toMatch(/<g:IdentifyResponse>.*<g:ProductVersion>AMT 15\.0\.23<\/g:ProductVersion>/);
  expect([...device.activity.operations]).toEqual([['Identify', 1]]);
});
