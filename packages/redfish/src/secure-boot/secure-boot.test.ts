import { expect, test } from 'vitest';
import { failure } from '../../test/support/failure.js';
import { fixture, recorded } from '../../test/support/fixtures.js';
import { staticService } from '../../test/support/static-service.js';
import { inlineResource } from '../resource/resource.js';
import { decodeSecureBoot, readSecureBoot, resetSecureBootKeys, setSecureBoot } from './secure-boot.js';

const gen10 = decodeSecureBoot(recorded('redfish-gen10-dl180/secure_boot', 'default'));
const gen9 = decodeSecureBoot(recorded('ris-gen9-bl460c/rest_get_secure_boot'));

test('the state of both styles', async () => {
  expect(gen10).toMatchObject({ current: false, next: false, mode: 'UserMode' });
  expect(gen9).toMatchObject({ current: false, next: true, mode: undefined });
  await using bench = await staticService({ '/redfish/v1/Systems/1/SecureBoot/': fixture('redfish-gen10-dl180/secure_boot', 'default') });
  expect(await readSecureBoot(bench.client, recorded('redfish-gen10-dl180/system', 'default'))).toMatchObject({ current: false });
  expect(await failure(readSecureBoot(bench.client, inlineResource('/s', {})))).toMatchObject({ code: 'UNSUPPORTED' });
});

test('is switched by a change, its keys by an action or, with RIS, by properties', async () => {
  await using bench = await staticService({});
  await setSecureBoot(bench.client, gen10, true);
  await resetSecureBootKeys(bench.client, gen10, 'DeletePK');
  await resetSecureBootKeys(bench.client, gen9, 'ResetAllKeysToDefault');
  await resetSecureBootKeys(bench.client, gen9, 'DeleteAllKeys');
  expect(bench.changes).toEqual([
    'PATCH /redfish/v1/Systems/1/SecureBoot {"SecureBootEnable":true}',
    'POST /redfish/v1/Systems/1/SecureBoot/Actions/SecureBoot.ResetKeys {"ResetKeysType":"DeletePK"}',
    'PATCH /rest/v1/Systems/1/SecureBoot {"ResetToDefaultKeys":true}',
    'PATCH /rest/v1/Systems/1/SecureBoot {"ResetAllKeys":true}',
  ]);
  expect(await failure(resetSecureBootKeys(bench.client, gen9, 'DeletePK'))).toMatchObject({ code: 'UNSUPPORTED' });
});
