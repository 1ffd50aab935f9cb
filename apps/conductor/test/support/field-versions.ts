import { readFileSync } from 'node:fs';

/** First minor versions by name. */
export type Versions = Readonly<Record<string, number>>;

/** What Ironic has since when: written down from its documents and its recorded answers, not from our tables. */
export interface IronicVersions {
  readonly resources: Readonly<Record<string, { readonly since: number; readonly fields: Versions; readonly patchable: readonly string[]; readonly filters: Versions }>>;
  /** By `METHOD /path/{}`. */
  readonly endpoints: Versions;
  /** Arguments besides filters, by `METHOD /path/{} name`. */
  readonly arguments: Versions;
  readonly provisionTargets: Versions;
  readonly provisionArguments: Versions;
  readonly powerTargets: Versions;
}

export function readIronicVersions(): IronicVersions {
  return JSON.parse(readFileSync(new URL('../fixtures/field-versions.json', import.meta.url), 'utf8')) as IronicVersions;
}

/** Those that exist up to a version. */
export function upTo(versions: Versions, maximum: number): Versions {
  return Object.fromEntries(Object.entries(versions).filter(([, since]) => since <= maximum));
}
