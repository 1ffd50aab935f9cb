import { readdirSync, readFileSync } from 'node:fs';

/** One exchange with a real Ironic. */
export interface RecordedExchange {
  /** `017`. */
  readonly number: string;
  /** `node-create`. */
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown };
  readonly response: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown };
}

const FOLDER = new URL('../../fixtures/ironic-api/', import.meta.url);

/** All recorded exchanges, in the order in which they were recorded. */
export function recordedExchanges(): readonly RecordedExchange[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const [number = '', ...name] = file.replace('.json', '').split('-');
      const { request, response } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Pick<RecordedExchange, 'request' | 'response'>;
      return { number, name: name.join('-'), request, response };
    });
}
