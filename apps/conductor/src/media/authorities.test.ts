import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { optionIssues } from '@ferric/core';
import { createRecordingLogger, createSelfSignedCertificate } from '@ferric/core/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate, openssl } from '../../test/support/certificates.js';
import { openAuthorities } from './authorities.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'ferric-authorities-'))));
afterAll(() => rm(folder, { recursive: true }));

const logger = createRecordingLogger();
const make = async (name: string): Promise<string> => (await createSelfSignedCertificate({ names: [name], now: new Date() })).certificate;
const open = (chain: string | undefined, file?: string) => openAuthorities({ chain: () => chain, file }, { logger });
const place = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

describe('of its own server', () => {
  test('there is none without TLS', async () => {
    expect(await (await open(undefined))()).toEqual([]);
  });

  test('a certificate that signed itself', async () => {
    const own = await make('127.0.0.1');
    expect(await (await open(own))()).toEqual([own]);
  });

  test('the highest of a chain, in whichever order it stands', async () => {
    const authority = await makeCertificate(folder, 'authority');
    const server = { cert: join(folder, 'server.pem'), key: join(folder, 'server-key.pem') };
    await openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=server', '-CA', authority.cert, '-CAkey', authority.key, '-keyout', server.key, '-out', server.cert);
    const [top, bottom, stranger] = [await readFile(authority.cert, 'utf8'), await readFile(server.cert, 'utf8'), await make('stranger')];
    expect(await (await open(bottom + top))()).toEqual([top]);
    expect(await (await open(bottom + stranger + top))()).toEqual([top]);
    // Nobody above it is known here.
    expect(await (await open(bottom))()).toEqual([bottom]);
  });

  test('is the present one after it was renewed', async () => {
    let chain = await make('old');
    const authorities = await openAuthorities({ chain: () => chain }, { logger });
    chain = await make('new');
    expect(await authorities()).toEqual([chain]);
  });
});

describe('of a file', () => {
  test('all of them besides the own one, each once', async () => {
    const [own, one, other] = [await make('own'), await make('one'), await make('other')];
    const path = await place('several.pem', `some words\n${one}${other}${own}`);
    expect(await (await open(own, path))()).toEqual([own, one, other]);
  });

  test('as it is now; what cannot be used is told, and changes nothing', async () => {
    const [one, other] = [await make('one'), await make('another')];
    const path = await place('changing.pem', one);
    const authorities = await open(undefined, path);
    await writeFile(path, `${other}\n`);
    expect(await authorities()).toEqual([other]);
    await writeFile(path, 'nothing of the kind');
    expect(await authorities()).toEqual([other]);
    expect(logger.text()).toContain('--media-ca');
  });

  test.each([['no certificate', 'a text'], ['a broken one', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']])('%s is refused at start', async (_what, text) => {
    const error = await open(undefined, await place('bad.pem', text)).then(() => undefined, (reason: unknown) => reason);
    expect(optionIssues(error)).toMatchObject([{ field: '--media-ca', problem: 'invalid' }]);
  });
});
