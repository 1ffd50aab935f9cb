import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'fixtures', 'domain-xml');

/** A definition as a real daemon wrote it. */
export interface DomainFixture {
  /** `05-secure-boot-q35`. */
  readonly name: string;
  readonly xml: string;
}

/** All real definitions, by name. */
export const DOMAIN_FIXTURES: readonly DomainFixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.xml'))
  .toSorted()
  .map((file) => ({ name: file.slice(0, -'.xml'.length), xml: readFileSync(join(FOLDER, file), 'utf8') }));

/** One real definition by the number in its name. */
export function domainFixture(number: string): string {
  const found = DOMAIN_FIXTURES.find(({ name }) => name.startsWith(`${number}-`));
  if (found === undefined) throw new Error(`There is no fixture ${number}`);
  return found.xml;
}
