export { createFakeClient } from './fake-client.js';
export type { FakeClient, FakeClientSettings } from './fake-client.js';
export { exchangeLine } from './exchange-line.js';
export type { FakeEndpoint, LineExchange } from './exchange-line.js';
export { decodeAnswer, encodeRequest, FAKE_REFUSALS, FAKE_SETTINGS } from './fake-messages.js';
export type { FakeAnswer, FakeRefusal, FakeRequest, FakeResults, FakeSettingName } from './fake-messages.js';
