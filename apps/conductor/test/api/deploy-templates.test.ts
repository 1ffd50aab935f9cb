import { describe, expect, test } from 'vitest';
import type { ApiAnswer } from '../support/api-client.js';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

const MARKER = 'planted-step-secret';
const STEP = { interface: 'bios', step: 'apply_configuration', args: { settings: [{ name: 'LogicalProc', value: 'Enabled' }] }, priority: 150 };

interface Setting extends AsyncDisposable {
  readonly api: MachineApi;
  readonly uuid: string;
  ask(method: string, path: string, body?: unknown, version?: string): Promise<ApiAnswer>;
  patch(...operations: readonly unknown[]): Promise<ApiAnswer>;
}

/** A conductor with one template. */
async function setting(steps: readonly unknown[] = [STEP]): Promise<Setting> {
  const api = await createMachineApi();
  const ask: Setting['ask'] = (method, path, body, version = '1.82') => api.request(method, `/v1${path}`, { version, ...(body === undefined ? {} : { body }) });
  const { body } = await ask('POST', '/deploy_templates', { name: 'CUSTOM_TPL', steps });
  return { api, ask, uuid: (body as { uuid: string }).uuid, patch: (...operations) => ask('PATCH', '/deploy_templates/CUSTOM_TPL', operations), [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() };
}

const set = (path: string, value: unknown) => ({ op: 'replace', path, value });
const fault = ({ status, error }: ApiAnswer): unknown => [status, error?.['faultstring']];

describe('deploy templates', () => {
  test('are created, found by name and UUID, listed and deleted', async () => {
    await using at = await setting();
    for (const identifier of ['CUSTOM_TPL', at.uuid]) expect((await at.ask('GET', `/deploy_templates/${identifier}`)).body).toMatchObject({ uuid: at.uuid, name: 'CUSTOM_TPL', steps: [STEP], extra: {} });
    expect((await at.ask('GET', '/deploy_templates')).body).toEqual({ deploy_templates: [{ uuid: at.uuid, name: 'CUSTOM_TPL', links: expect.anything() as unknown }] });
    expect((await at.ask('GET', '/deploy_templates?detail=true')).body).toMatchObject({ deploy_templates: [{ steps: [STEP] }] });
    expect((await at.ask('GET', '/deploy_templates?fields=steps')).body).toMatchObject({ deploy_templates: [{ steps: [STEP] }] });
    expect((await at.ask('GET', '/deploy_templates', undefined, '1.54')).status).toBe(404);
    expect((await at.ask('GET', '/deploy_templates', undefined, '1.55')).status).toBe(200);
    expect((await at.ask('DELETE', '/deploy_templates/CUSTOM_TPL')).status).toBe(204);
    expect(fault(await at.ask('GET', '/deploy_templates/CUSTOM_TPL'))).toEqual([404, 'Deploy template CUSTOM_TPL could not be found.']);
  });

  const doubled = [STEP, { ...STEP, priority: 1 }];
  const duplicate =
    'Deploy template invalid: Duplicate deploy steps. A deploy template cannot have multiple deploy steps with the same interface and step. ' +
    'Duplicates: interface: bios, step: apply_configuration.';
  test.each([
    ['no name', { steps: [STEP] }, 400, "Schema error for template: 'name' is a required property"],
    ['no steps', { name: 'CUSTOM_X' }, 400, "Schema error for template: 'steps' is a required property"],
    ['an empty list of steps', { name: 'CUSTOM_X', steps: [] }, 400, 'Schema error for template: [] is too short'],
    ['a name that is no trait', { name: 'foo', steps: [STEP] }, 400, expect.stringContaining("'foo' does not match '^CUSTOM_[A-Z0-9_]+$'")],
    ['a name that is taken', { name: 'CUSTOM_TPL', steps: [STEP] }, 409, 'A deploy template with name CUSTOM_TPL already exists.'],
    ['a bad UUID', { name: 'CUSTOM_X', steps: [STEP], uuid: '!@#' }, 400, 'Expected UUID for uuid: !@#'],
    ['a step twice', { name: 'CUSTOM_X', steps: doubled }, 400, duplicate],
    ['a step without arguments', { name: 'CUSTOM_X', steps: [{ interface: 'bios', step: 's', priority: 1 }] }, 400, "Schema error for template: 'args' is a required property"],
    ['a step of an unknown interface', { name: 'CUSTOM_X', steps: [{ ...STEP, interface: 'boot' }] }, 400, expect.stringContaining("'boot' is not one of [")],
    ['a step with a negative priority', { name: 'CUSTOM_X', steps: [{ ...STEP, priority: -1 }] }, 400, 'Schema error for template: -1 is not valid under any of the given schemas'],
  ])('with %s are refused', async (_case, body, status, text) => {
    await using at = await setting();
    expect(fault(await at.ask('POST', '/deploy_templates', body))).toEqual([status, text]);
  });

  test('are changed: name, steps, one member of a step', async () => {
    await using at = await setting();
    expect((await at.patch(set('/steps/0/priority', '20'))).body).toMatchObject({ steps: [{ ...STEP, priority: 20 }] });
    expect((await at.patch({ op: 'add', path: '/steps/-', value: { ...STEP, step: 'factory_reset', args: {} } })).body).toMatchObject({ steps: [{}, { step: 'factory_reset' }] });
    expect((await at.patch({ op: 'remove', path: '/steps/0' })).body).toMatchObject({ steps: [{ step: 'factory_reset' }] });
    expect(fault(await at.patch({ op: 'remove', path: '/steps/0' }))).toEqual([400, 'Schema error for patch: [] is too short']);
    expect(fault(await at.patch(set('/steps', doubled)))).toEqual([400, duplicate]);
    expect(fault(await at.patch({ op: 'remove', path: '/name' }))).toEqual([400, "Schema error for patch: 'name' is a required property"]);
    expect(fault(await at.patch(set('/name', 'foo')))).toEqual([400, expect.stringContaining('Schema error for patch')]);
    expect((await at.patch(set('/name', 'CUSTOM_NEW'))).body).toMatchObject({ name: 'CUSTOM_NEW' });
    expect((await at.ask('GET', '/deploy_templates/CUSTOM_TPL')).status).toBe(404);
  });

  test('hide the secrets of their steps, and keep those whose mask comes back', async () => {
    const args = { admin_password: MARKER, settings: [{ name: 'SetupPassword', value: MARKER }, { name: 'LogicalProc', value: 'Enabled' }] };
    await using at = await setting([{ ...STEP, args }]);
    const masked = { admin_password: '******', settings: [{ name: 'SetupPassword', value: '******' }, { name: 'LogicalProc', value: 'Enabled' }] };
    const shown = [{ ...STEP, args: masked }];
    expect((await at.ask('GET', '/deploy_templates/CUSTOM_TPL')).body).toMatchObject({ steps: shown });
    expect((await at.patch(set('/steps', [{ ...STEP, args: masked, priority: 7 }]))).body).toMatchObject({ steps: [{ ...shown[0], priority: 7 }] });
    const kept = (await at.api.store.deployTemplates.get(at.uuid))?.steps[0]?.args as unknown as { admin_password: { reveal(): string }; settings: { value: { reveal(): string } }[] };
    expect([kept.admin_password.reveal(), kept.settings[0]?.value.reveal()]).toEqual([MARKER, MARKER]);
    const refused = [await at.patch(set('/steps', [{ ...STEP, args: MARKER }])), await at.patch(set('/steps', MARKER)), await at.patch(set('/steps/5/args/password', MARKER))];
    expect(refused.map(({ status }) => status)).toEqual([400, 400, 400]);
    expect(refused.map(({ text }) => text).join('') + at.api.logger.text()).not.toContain(MARKER);
  });
});
