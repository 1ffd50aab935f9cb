import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Secret } from '@ferric/core';
import { createFakeClock, createRecordingLogger, type FakeClock } from '@ferric/core/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createHttpBasicAuthenticator } from '../../src/api/auth/authenticator.js';
import type { PasswordChecker } from '../../src/api/auth/password-checker.js';
import { createApi } from '../../src/api/create-api.js';
import { readAnswer, type ApiAnswer } from '../support/api-client.js';
import { createFakeServices, type FakeServices } from '../support/fake-services.js';
import { sampleNode } from '../support/sample-node.js';

/** Stands for every password in this file. */
const PASSWORD = 'hunter2-planted';

/** A well-formed hash; which passwords fit says {@link RIGHT}. */
const hashOf = (letter: string): string => `$2y$04$${letter.repeat(53)}`;
const RIGHT: Readonly<Record<string, string>> = { [hashOf('a')]: PASSWORD, [hashOf('b')]: 'of-bob', [hashOf('c')]: 'of-alice-since-today' };

const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Answers by {@link RIGHT}, when the test lets it. */
interface SlowChecker extends PasswordChecker {
  /** What was asked, in order. */
  readonly asked: readonly string[];
  hold(): void;
  release(): void;
}

function createSlowChecker(): SlowChecker {
  const asked: string[] = [];
  let gate: PromiseWithResolvers<void> | undefined;
  return {
    asked,
    async matches(password, hash) {
      asked.push(hash.reveal());
      await gate?.promise;
      return RIGHT[hash.reveal()] === password.reveal();
    },
    hold: () => void (gate = Promise.withResolvers()),
    release: () => gate?.resolve(),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

let folder: string;
let htpasswd: string;
let clock: FakeClock;
let checker: SlowChecker;
let services: FakeServices;
let app: FastifyInstance;
const logger = createRecordingLogger();
const node = sampleNode();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferric-auth-'));
  htpasswd = join(folder, 'htpasswd');
  await writeUsers(`alice:${hashOf('a')}\nbob:${hashOf('b')}\n`);
  logger.clear();
  clock = createFakeClock();
  checker = createSlowChecker();
  services = createFakeServices([node]);
  const authenticator = await createHttpBasicAuthenticator({ htpasswd, clock, logger, checker });
  app = createApi({ ...services, logger, authenticator });
});

afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const writeUsers = (text: string): Promise<void> => writeFile(htpasswd, text, { mode: 0o600 });

interface Question {
  readonly method?: string;
  readonly url?: string;
  readonly body?: unknown;
  readonly from?: string;
  readonly version?: string;
}

async function ask(authorization: string | undefined, { method = 'GET', url = '/v1/nodes', body, from = '192.0.2.10', version = '1.82' }: Question = {}): Promise<ApiAnswer> {
  const answer = await app.inject({
    method: method as 'GET',
    url,
    remoteAddress: from,
    headers: {
      'x-openstack-ironic-api-version': version,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  });
  return readAnswer(answer);
}

/** Waits until the checker was asked so often; every step up to there is one of the event loop. */
async function untilAsked(times: number): Promise<void> {
  while (checker.asked.length < times) await new Promise((resolve) => setImmediate(resolve));
}

describe('who may ask', () => {
  test('a user with the right password', async () => {
    expect((await ask(basic('alice', PASSWORD))).status).toBe(200);
    expect((await ask(basic('bob', 'of-bob'))).status).toBe(200);
  });

  test.each([
    ['a wrong password', basic('alice', 'wrong'), 401, 'Incorrect username or password'],
    ['an unknown user', basic('mallory', PASSWORD), 401, 'Incorrect username or password'],
    ["the password of somebody else", basic('alice', 'of-bob'), 401, 'Incorrect username or password'],
    ['a user name in other letters', basic('Alice', PASSWORD), 401, 'Incorrect username or password'],
    ['no user and no password', basic('', ''), 401, 'Incorrect username or password'],
    ['a name that objects inherit', basic('constructor', PASSWORD), 401, 'Incorrect username or password'],
    ['no header', undefined, 401, 'Authorization required'],
    ['another scheme', `Bearer ${PASSWORD}`, 400, 'Unsupported authorization type: only Basic is accepted'],
    ['half a header', 'Basic', 400, 'Could not parse Authorization header'],
    ['no base64', `Basic ${PASSWORD}!`, 400, 'Could not decode authorization token'],
  ])('not: %s', async (_case, authorization, status, text) => {
    const answer = await ask(authorization);
    expect([answer.status, answer.error]).toEqual([status, { faultcode: 'Client', faultstring: text, debuginfo: null }]);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="Baremetal API"' : undefined);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.headers['openstack-request-id']).toMatch(/^req-/);
  });

  test.each([
    ['an unknown path', { url: '/nowhere' }],
    ['a method that the path does not have', { url: '/v1/nodes', method: 'DELETE' }],
    ['a version that nobody speaks', { version: '9.9' }],
    ['the description of the API', { url: '/openapi.json' }],
    ['metrics', { url: '/metrics' }],
    ['the event stream', { url: '/ferric/v1/events' }],
    ['a body that is malformed', { method: 'POST', body: 'x' }],
    ['a public path with a method that is not', { url: '/', method: 'POST' }],
    ['OPTIONS', { method: 'OPTIONS' }],
  ])('without credentials nobody learns anything: %s', async (_case, question: Question) => {
    const answer = await ask(undefined, question);
    expect(answer.status).toBe(401);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('x-openstack-ironic'))).toEqual([]);
  });

  test('what machines and supervisors need is open, and wrong credentials do no harm there', async () => {
    for (const url of ['/', '/v1', '/v1/', '/healthz', '/readyz']) {
      expect([url, (await ask(undefined, { url })).status]).toEqual([url, 200]);
      expect([url, (await ask(basic('alice', 'wrong'), { url })).status]).toEqual([url, 200]);
    }
    expect(checker.asked).toEqual([]);
  });
});

describe('what a check costs', () => {
  test('a client pays once', async () => {
    for (let count = 0; count < 5; count += 1) expect((await ask(basic('alice', PASSWORD))).status).toBe(200);
    expect(checker.asked).toHaveLength(1);
    await clock.advance(300_000);
    expect((await ask(basic('alice', PASSWORD))).status).toBe(200);
    expect(checker.asked).toHaveLength(2);
  });

  test('many requests at once are one check', async () => {
    checker.hold();
    const answers = Array.from({ length: 20 }, () => ask(basic('alice', PASSWORD)));
    await untilAsked(1);
    checker.release();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(checker.asked).toHaveLength(1);
  });

  test('wrong credentials are checked every time, and so are unknown users, against one and the same hash of somebody else', async () => {
    for (let count = 0; count < 2; count += 1) await ask(basic('alice', 'wrong'));
    expect(checker.asked).toEqual([hashOf('a'), hashOf('a')]);
    for (const name of ['mallory', 'mallory', 'trent']) await ask(basic(name, 'wrong'));
    expect(checker.asked).toHaveLength(5);
    expect(checker.asked[3]).toBe(checker.asked[2]);
    expect([hashOf('a'), hashOf('b')]).toEqual(expect.arrayContaining(checker.asked.slice(2)));
  });

  test('an unknown user with the password behind the hash that stands in is refused, again and again', async () => {
    for (const password of [PASSWORD, 'of-bob', PASSWORD, 'of-bob']) expect((await ask(basic('mallory', password))).status).toBe(401);
  });

  test('one address cannot fill the queue for all', async () => {
    checker.hold();
    const waiting = Array.from({ length: 16 }, (_each, number) => ask(basic('alice', `wrong ${number}`)));
    await untilAsked(16);
    const refused = await ask(basic('alice', 'one more'));
    expect([refused.status, refused.error?.['ferric']]).toEqual([503, { code: 'BUSY', retryable: true, hint: null }]);
    const other = ask(basic('bob', 'of-bob'), { from: '192.0.2.11' });
    await untilAsked(17);
    checker.release();
    expect((await other).status).toBe(200);
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 401));
    expect((await ask(basic('alice', 'wrong again'))).status).toBe(401);
  });
});

describe('a user file that changes', () => {
  test('counts within two seconds: new users, new passwords, and those who are gone', async () => {
    expect((await ask(basic('bob', 'of-bob'))).status).toBe(200);
    await writeUsers(`alice:${hashOf('c')}\n`);
    expect((await ask(basic('bob', 'of-bob'))).status).toBe(200);
    await clock.advance(2000);
    expect((await ask(basic('bob', 'of-bob'))).status).toBe(401);
    expect((await ask(basic('alice', PASSWORD))).status).toBe(401);
    expect((await ask(basic('alice', 'of-alice-since-today'))).status).toBe(200);
  });

  test('a remembered password ends with its hash', async () => {
    expect((await ask(basic('alice', PASSWORD))).status).toBe(200);
    await writeUsers(`alice:${hashOf('c')}\n`);
    await clock.advance(2000);
    expect((await ask(basic('alice', PASSWORD))).status).toBe(401);
  });

  test.each([
    ['broken', 'alice:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n'],
    ['empty', ''],
  ])('leaves the old one in force when it is %s', async (_case, text) => {
    await writeUsers(text);
    await clock.advance(2000);
    expect((await ask(basic('alice', PASSWORD))).status).toBe(200);
    expect(logger.at('error').map(({ message }) => message)).toEqual(['Files changed and cannot be used; what they held before stays in force']);
    expect(logger.text()).not.toContain('{SHA}');
  });

  test('a user file that cannot be used keeps the conductor from starting', async () => {
    await expect(createHttpBasicAuthenticator({ htpasswd: join(folder, 'none'), clock, logger })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('what is told of it', () => {
  test('the access log and the services know the user and the address', async () => {
    await ask(basic('alice', PASSWORD), { method: 'PUT', url: `/v1/nodes/${node.uuid}/maintenance` });
    await ask(undefined, { from: '192.0.2.66' });
    await ask(undefined, { url: '/healthz' });
    const lines = logger.lines.filter(({ message }) => message === 'Request answered').map(({ level, fields }) => [level, fields['user'], fields['address'], fields['status']]);
    expect(lines).toEqual([
      ['info', 'alice', '192.0.2.10', 202],
      ['info', null, '192.0.2.66', 401],
      ['debug', null, '192.0.2.10', 200],
    ]);
  });

  test('refusals name users who exist; a password in the field of the name is not repeated', async () => {
    await ask(basic('alice', 'wrong'));
    await ask(basic(PASSWORD, 'alice'));
    expect(logger.at('warn').map(({ fields }) => fields)).toEqual([
      { requestId: expect.stringMatching(/^req-/) as string, address: '192.0.2.10', user: 'alice' },
      { requestId: expect.stringMatching(/^req-/) as string, address: '192.0.2.10', user: null },
    ]);
    expect(logger.text()).not.toContain(PASSWORD);
  });

  test('a planted password is in no answer and no log, and behind the door the header is gone', async () => {
    const seen: string[] = [];
    services.nodes.find = async () => {
      throw new Error('It fails');
    };
    app.addHook('preHandler', async (request) => {
      seen.push(inspect([request.headers, request.raw.rawHeaders, request.raw.headersDistinct, request.user], { depth: 10 }));
    });
    const headers = [basic('alice', PASSWORD), basic('alice', `${PASSWORD}!`), `Basic ${PASSWORD}`, `Bearer ${PASSWORD}`, PASSWORD, basic('mallory', PASSWORD)];
    const answers = [];
    for (const authorization of headers) {
      answers.push(await ask(authorization), await ask(authorization, { url: '/v1' }), await ask(authorization, { url: `/v1/nodes/${node.uuid}` }), await ask(authorization, { url: '/%zz' }));
    }
    const everything = `${logger.text()} ${seen.join()} ${answers.map(({ text, headers: sent }) => text + inspect(sent)).join()}`;
    const encoded = headers.map((header) => header.split(' ').at(-1) ?? '');
    expect([PASSWORD, ...encoded].filter((secret) => everything.includes(secret))).toEqual([]);
    expect(seen.join()).toContain('alice');
  });
});

test('without authentication everybody may ask, and a header that comes all the same is gone', async () => {
  const open = createApi({ ...services, logger });
  let seen: unknown = 'nothing';
  open.addHook('preHandler', async ({ headers, user }) => {
    seen = [headers.authorization, user];
  });
  expect((await open.inject({ url: '/v1/nodes', headers: { authorization: basic('alice', PASSWORD) } })).statusCode).toBe(200);
  expect(seen).toEqual([undefined, null]);
  await open.close();
});

test('a password is a Secret on its way to the checker', async () => {
  let isSecret = false;
  checker.matches = async (password) => {
    isSecret = Secret.is(password);
    return true;
  };
  await ask(basic('alice', PASSWORD));
  expect(isSecret).toBe(true);
});
