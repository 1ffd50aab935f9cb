import { readFileSync } from 'node:fs';

/** One request of a recorded agent with the status it got. */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly status: number;
}

/** The machine of the record. */
export const RECORDED_NODE = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const RECORDED_MAC = '52:54:00:12:34:56';
/** The token in the record, which a real conductor would have made. */
export const RECORDED_TOKEN = 'AAAAAAAAAAAAAAAA0123456789abcdefXYZ_-bbbbbbb';

const FOLDER = new URL('../fixtures/ipa/', import.meta.url);

/** A file of the record. */
export function recordedFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

/** What an agent sent to its conductor during a whole deployment, in order. */
export function recordedRequests(name: string): readonly RecordedRequest[] {
  const all = recordedFile(name) as readonly (RecordedRequest & { readonly direction: string })[];
  return all.filter(({ direction }) => direction === 'agent->conductor');
}
