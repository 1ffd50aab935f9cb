import { describe, expect, test } from 'vitest';
import { createApiClient } from '../support/api-client.js';

describe('health', () => {
  test('the process lives, whatever the store does', async () => {
    await using api = createApiClient();
    api.services.failure = new Error('database is gone');
    expect((await api.request('GET', '/healthz', { version: null })).body).toEqual({ status: 'alive' });
  });

  test('it is ready while the store answers and it does not stop', async () => {
    await using api = createApiClient();
    expect((await api.request('GET', '/readyz')).body).toEqual({ status: 'ready' });
    api.services.notReadyReason = 'the conductor is stopping';
    const stopping = await api.request('GET', '/readyz');
    expect([stopping.status, stopping.body]).toEqual([503, { status: 'not ready', reason: 'the conductor is stopping' }]);
    api.services.notReadyReason = null;
    api.services.failure = new Error('password authentication failed for user "ferric"');
    const broken = await api.request('GET', '/readyz');
    expect([broken.status, broken.text]).toEqual([503, '{"status":"not ready","reason":"the store does not answer (INTERNAL)"}']);
  });

  test('metrics count requests by pattern, never by path', async () => {
    await using api = createApiClient();
    for (const name of ['a', 'b', 'c']) await api.request('GET', `/v1/nodes/${name}`);
    await api.request('GET', '/some/random/path');
    const { text, headers } = await api.request('GET', '/metrics');
    expect(headers['content-type']).toMatch(/^text\/plain/);
    expect(text).toContain('ferric_http_request_duration_seconds_count{method="GET",route="/v1/nodes/:node",status="404"} 3');
    expect(text).toContain('route="unknown",status="404"} 1');
    expect(text).not.toContain('random');
  });
});
