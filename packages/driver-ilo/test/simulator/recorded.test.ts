import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '@ferric/core';
import { expect, test } from 'vitest';
import { type Generation, startIlo } from '../../src/simulator/index.js';
import { ask } from './bench.js';

// What the simulator shows has the types that real iLOs showed; see test/fixtures/*/SOURCE.md.

const fixtures = new URL('../fixtures/', import.meta.url);

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);
const textAt = (value: JsonValue | undefined, name: string): string | undefined => (isObject(value) && typeof value[name] === 'string' ? value[name] : undefined);

/** How some truth values were written down. */
const PYTHON: ReadonlySet<JsonValue> = new Set(['True', 'False', 'true', 'false']);

/** The resources in a file, with their paths: the file itself, its variants, its items. */
function resourcesIn(value: JsonValue): readonly (readonly [path: string, resource: JsonObject])[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(resourcesIn);
  if (!isObject(value)) return [];
  const links = value['links'];
  const path = textAt(value, '@odata.id') ?? (isObject(links) ? textAt(links['self'], 'href') : undefined);
  return path === undefined ? Object.values(value).flatMap(resourcesIn) : [[path, value]];
}

/** The type of each property that is shown, by its place. Lists are as their first member. */
function typesOf(value: JsonValue, place = ''): readonly (readonly [place: string, type: string])[] {
  if (value === null) return [];
  if (Array.isArray(value)) return [[place, 'list'], ...typesOf((value as readonly JsonValue[])[0] ?? null, `${place}[]`)];
  if (typeof value !== 'object') return [[place, PYTHON.has(value) ? 'boolean' : typeof value]];
  return [[place, 'object'], ...Object.entries(value).flatMap(([name, inner]) => typesOf(inner, `${place}/${name}`))];
}

test.each<readonly [folder: string, generation: Generation, resources: number, properties: number]>([
  ['redfish-gen10-dl180', 'gen10', 40, 1250],
  ['ris-gen9-bl460c', 'gen9', 22, 770],
])('%s', async (folder, generation, resources, properties) => {
  await using ilo = await startIlo({ generation, name: 'recorded' });
  let [compared, agreed] = [0, 0];
  for (const file of readdirSync(new URL(`${folder}/`, fixtures)).filter((name) => name.endsWith('.json'))) {
    const recorded = JSON.parse(readFileSync(new URL(`${folder}/${file}`, fixtures), 'utf8')) as JsonValue;
    for (const [path, resource] of resourcesIn(recorded)) {
      // The recorded machines have other numbers for some things, and one path lacks its slash.
      const own = path.replace(/(DiskDrives|ArrayControllers)\/\d/g, '$1/0').replace(/(?<=^\/redfish.*[^/])$/, '/');
      const answer = await ask(ilo, own);
      expect(`${own} ${answer.status}`).toBe(`${own} 200`);
      compared += 1;
      const shown = new Map(typesOf(answer.json() as JsonObject));
      const known = typesOf(resource).filter(([place]) => shown.has(place));
      for (const [place, type] of known) expect(`${file} ${place} ${shown.get(place)}`).toBe(`${file} ${place} ${type}`);
      agreed += known.length;
    }
  }
  expect(compared).toBeGreaterThanOrEqual(resources);
  expect(agreed).toBeGreaterThanOrEqual(properties);
});
