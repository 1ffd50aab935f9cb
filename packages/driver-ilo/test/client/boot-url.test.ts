import { describe, expect, test } from 'vitest';
import { startBench } from './bench.js';
import { answerEdited, meddle } from './meddle.js';

const URL_OF_AGENT = new URL('https://192.0.2.1/agent.iso');

/** The first change of this path is carried out, and its answer lost. */
function loseAnswer(path: RegExp): () => number {
  let changes = 0;
  meddle(({ method, url, socket }, response) => {
    if (method === 'GET' || !path.test(url ?? '')) return false;
    changes += 1;
    if (changes === 1) response.writeHead = (() => socket.destroy()) as never;
    return false;
  });
  return () => changes;
}

describe('an answer that gets lost', () => {
  test.each(['gen9', 'gen10'] as const)('%s: of the address to boot from: a look shows that it is set', async (generation) => {
    const { ilo, client } = await startBench({ generation });
    const changes = loseAnswer(/bios\/settings/i);
    await client.httpBoot.set(URL_OF_AGENT);
    expect([await client.httpBoot.read(), changes(), ilo.activity.operations['set bios']]).toEqual([URL_OF_AGENT.href, 1, 1]);
  });

  test('of certificates to trust, which may be told twice', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const changes = loseAnswer(/tlsconfig\/settings/i);
    await client.certificates.add([ilo.certificate]);
    ilo.machine.power.put(true);
    expect([(await client.certificates.read()).length, changes()]).toEqual([1, 2]);
  });
});

test('settings that list pending changes only: what is not among them is as it is now', async () => {
  const { ilo, client } = await startBench({ generation: 'gen10' });
  meddle(({ method, url }, response) =>
    method === 'GET' && /bios\/settings/i.test(url ?? '') && answerEdited(response, (text) => {
      const { Attributes: pending, ...rest } = JSON.parse(text) as { Attributes: Record<string, unknown> };
      const present = ilo.machine.bios.current as Record<string, unknown>;
      return JSON.stringify({ ...rest, Attributes: Object.fromEntries(Object.entries(pending).filter(([name, value]) => present[name] !== value)) });
    }));
  await client.httpBoot.set(URL_OF_AGENT);
  expect(ilo.activity.operations['set bios']).toBe(1);
  ilo.machine.power.put(true);
  ilo.machine.power.put(false);
  expect(await client.httpBoot.read()).toBe(URL_OF_AGENT.href);
  await client.httpBoot.set(URL_OF_AGENT);
  expect(ilo.activity.operations['set bios']).toBe(1);
});
