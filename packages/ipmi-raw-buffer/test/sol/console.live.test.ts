import { afterAll, beforeAll, expect, test } from 'vitest';
import { createIpmiClient, type IpmiClient } from '../../src/client/index.js';
import { getPayloadStatus, readSolConfiguration } from '../../src/commands/index.js';
import { startBmc, type VirtualBmc, type VirtualSerialLine } from '../../src/simulator/index.js';
import { activateConsole, type SolConsole } from '../../src/sol/index.js';

/** A machine that prints everything it reads in capitals, and takes at most 100 characters at once. */
class EchoLine implements VirtualSerialLine {
  breaks = 0;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();

  write(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, 100);
    const printed = Buffer.from(Buffer.from(taken).toString('latin1').toUpperCase(), 'latin1');
    for (const listener of this.#listeners) listener(printed);
    return taken.length;
  }

  onOutput(listener: (bytes: Uint8Array) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  sendBreak(): void {
    this.breaks += 1;
  }
}

const line = new EchoLine();
let bmc: VirtualBmc;
beforeAll(async () => {
  bmc = await startBmc({ users: [{ name: 'admin', password: 'secret' }], serialLine: line });
});
afterAll(async () => {
  await bmc[Symbol.asyncDispose]();
});

function connect(): IpmiClient {
  return createIpmiClient({ host: bmc.host, port: bmc.port, username: 'admin', password: 'secret' });
}

async function readUntil(sol: SolConsole, last: string): Promise<string> {
  let seen = '';
  for await (const chunk of sol.output) {
    seen += Buffer.from(chunk).toString('latin1');
    if (seen.includes(last)) break;
  }
  return seen;
}

test('characters and breaks reach a machine that takes them bit by bit, and come back', async () => {
  await using client = connect();
  const text = Array.from({ length: 200 }, (_, index) => `line ${index};`).join('');
  {
    await using sol = await activateConsole(client);
    const seen = readUntil(sol, 'LINE 199;');
    await sol.write(Buffer.from(text.slice(0, 700)));
    await sol.sendBreak();
    await sol.write(Buffer.from(text.slice(700)));
    expect(await seen).toBe(text.toUpperCase());
    expect(line.breaks).toBe(1);
    expect((await getPayloadStatus(client)).activeInstances).toEqual([1]);
  }
  expect((await getPayloadStatus(client)).activeInstances).toEqual([]);
});

test('a console is taken over, and its owner is told', async () => {
  await using first = connect();
  await using second = connect();
  await using sol = await activateConsole(first);
  await expect(activateConsole(second)).rejects.toMatchObject({ code: 'CONFLICT' });
  await using next = await activateConsole(second, { takeOver: true });
  expect((await sol.ended).reason).toBe('deactivated');
  await sol[Symbol.asyncDispose]();
  const seen = readUntil(next, 'STILL HERE');
  await next.write(Buffer.from('still here'));
  expect(await seen).toBe('STILL HERE');
});

test.each(['nobody', 'somebody else'])('given up while it is activated, with the answer lost: %s has the console then, as before', async (owner) => {
  await using first = connect();
  await using second = connect();
  await using sol = owner === 'nobody' ? null : await activateConsole(first);
  await second.session();
  bmc.faults.inject({ kind: 'silence', times: 1 });
  await expect(activateConsole(second, { timeoutMs: 200 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  // Behind the end of what was begun.
  expect((await getPayloadStatus(second)).activeInstances).toEqual(sol === null ? [] : [1]);
  if (sol === null) return;
  const seen = readUntil(sol, 'STILL MINE');
  await sol.write(Buffer.from('still mine'));
  expect(await seen).toBe('STILL MINE');
});

test('the same session opens one console after the other', async () => {
  await using client = connect();
  for (let round = 0; round < 5; round += 1) {
    await using sol = await activateConsole(client);
    const seen = readUntil(sol, `ROUND ${round}`);
    await sol.write(Buffer.from(`round ${round}`));
    expect(await seen).toBe(`ROUND ${round}`);
  }
  expect((await readSolConfiguration(client, 1)).enabled).toBe(true);
});
