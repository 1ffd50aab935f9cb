import { getHashes } from 'node:crypto';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import { failureText, requestText } from '../wire/http.js';
import type { ImageInfo } from './image-info.js';

/** What the hash of an image must be. */
export interface ExpectedChecksum {
  /** As node:crypto names it. */
  readonly algorithm: string;
  /** Hexadecimal digits, lower case. */
  readonly value: string;
}

/** Source: ironic-python-agent, ironic_python_agent/extensions/standby.py: MD5 by its length, SHA-2 by the others. */
const ALGORITHM_OF_DIGITS: ReadonlyMap<number, string> = new Map([[32, 'md5'], [64, 'sha256'], [96, 'sha384'], [128, 'sha512']]);

/** Finds out what the hash must be, if needed from a file of checksums on a server. @throws CommandFailure */
export async function expectedChecksum(workplace: AgentWorkplace, image: ImageInfo): Promise<ExpectedChecksum> {
  const given = image.hash?.value ?? image.checksum ?? '';
  const value = (/^https?:\/\//.test(given) ? await fetchChecksum(workplace, given, image) : given).toLowerCase();
  const algorithm = image.hash?.algorithm ?? ALGORITHM_OF_DIGITS.get(value.length);
  if (algorithm === undefined || !getHashes().includes(algorithm)) {
    throw new CommandFailure('CommandExecutionError', `Unable to verify image ${image.id}: its checksum ${value} is of no kind that this agent knows`);
  }
  if (algorithm === 'md5' && workplace.config['agent_md5_checksum_enable'] === false) {
    throw new CommandFailure('CommandExecutionError', `MD5 support is disabled: image ${image.id} needs a SHA-2 checksum`);
  }
  return { algorithm, value };
}

async function fetchChecksum({ clock, trust, pacing, signal }: AgentWorkplace, url: string, image: ImageInfo): Promise<string> {
  const fail = (why: string): CommandFailure => new CommandFailure('ImageDownloadError', `Download of image ${url} failed: ${why}`);
  const answer = await requestText({ method: 'GET', url, follow: true, trust, clock, signal, timeoutMs: pacing.downloadTimeoutMs }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw fail(failureText(error));
  });
  if (answer.status !== 200) throw fail(`Received status code ${answer.status} from ${url}, expected 200.`);
  const lines = answer.text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const [only = ''] = lines;
  if (lines.length === 0) throw fail('Empty checksum file');
  if (lines.length === 1 && !only.includes(' ')) return only;
  const name = URL.parse(image.urls[0] ?? '')?.pathname.split('/').at(-1) ?? '';
  for (const line of lines) {
    const { checksum, file } = readChecksumLine(line);
    if (file === name && checksum !== undefined) return checksum;
  }
  throw fail(`Checksum file does not contain name ${name}`);
}

/** Two notations: `HASH  *name` of GNU and `SHA256 (name) = HASH` of BSD. */
function readChecksumLine(line: string): { readonly checksum?: string | undefined; readonly file?: string | undefined } {
  const bsd = /^\w+ \((.+)\) = ([0-9a-f]+)$/i.exec(line);
  if (bsd !== null) return { checksum: bsd[2], file: bsd[1] };
  const gnu = /^([0-9a-f]+)\s+\*?(.+)$/i.exec(line);
  return { checksum: gnu?.[1], file: gnu?.[2] };
}
