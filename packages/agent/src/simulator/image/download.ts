import { createHash } from 'node:crypto';
import { delay } from '@ferric/core';
import { CommandFailure } from '../commands/command-failure.js';
import type { AgentWorkplace } from '../commands/command.js';
import { failureText, openDownload, readBytes } from '../wire/http.js';
import { expectedChecksum } from './checksum.js';
import type { ImageInfo } from './image-info.js';

/** Takes an image piece by piece. It is begun anew whenever a download is tried again. */
export interface ImageSink {
  /** Where the image goes, for the message of a checksum that differs. */
  readonly location: string;
  /** @param sizeBytes as far as the server tells it */
  begin(sizeBytes: number | undefined): Promise<void>;
  write(position: number, chunk: Buffer): Promise<void>;
}

/** How much of an error page is told. */
const LONGEST_ERROR_PAGE = 64 * 1024;

/** Why one URL gave no image. */
interface UrlFailure {
  readonly text: string;
  /** Whether asking again may help. */
  readonly mayPass: boolean;
}

/**
 * Downloads an image into a sink and checks its hash on the way. URLs are tried in their order, and again after failures that may pass.
 * @throws CommandFailure ImageDownloadError naming each URL, ImageChecksumError with both values; what the sink throws
 * @returns the size in bytes
 */
export async function downloadImage(workplace: AgentWorkplace, image: ImageInfo, sink: ImageSink): Promise<number> {
  const expected = await expectedChecksum(workplace, image);
  const { pacing, clock, signal } = workplace;
  for (let attempt = 0; ; attempt += 1) {
    const failures: UrlFailure[] = [];
    for (const url of image.urls) {
      const hash = createHash(expected.algorithm);
      const outcome = await tryUrl(workplace, image, url, sink, (chunk) => hash.update(chunk));
      if (typeof outcome === 'number') {
        const found = hash.digest('hex');
        if (found === expected.value) return outcome;
        throw new CommandFailure(
          'ImageChecksumError',
          `Image failed to verify against checksum. location: ${sink.location}; image ID: ${image.id}; image checksum: ${expected.value}; verification checksum: ${found}`,
        );
      }
      workplace.log(`download failed: ${outcome.text}`);
      failures.push(outcome);
    }
    if (attempt >= pacing.downloadRetries || failures.every(({ mayPass }) => !mayPass)) {
      throw new CommandFailure('ImageDownloadError', `Download of image ${image.id} failed: ${failures.map(({ text }) => text).join('\n ')}`);
    }
    await delay(pacing.downloadRetryMs, { signal, clock });
  }
}

async function tryUrl(workplace: AgentWorkplace, image: ImageInfo, url: string, sink: ImageSink, seen: (chunk: Buffer) => void): Promise<number | UrlFailure> {
  const { clock, pacing, signal, trust } = workplace;
  const startedMs = clock.monotonicMs();
  const fail = (text: string, mayPass: boolean): UrlFailure => {
    const seconds = ((clock.monotonicMs() - startedMs) / 1000).toFixed(1);
    return { text: `URL: ${url}; time: ${seconds} seconds. Error: ${text}`, mayPass };
  };
  workplace.log(`downloading ${url}`);
  const headers = image.authorization === undefined ? {} : { Authorization: image.authorization };
  let position = 0;
  try {
    const answer = await openDownload({ method: 'GET', url, headers, trust, signal, idleMs: pacing.downloadTimeoutMs });
    const status = answer.statusCode ?? 0;
    if (status !== 200) {
      const page = await readBytes(answer, LONGEST_ERROR_PAGE).catch(() => Buffer.alloc(0));
      return fail(`Received status code ${status} from ${url}, expected 200. Response body: ${page.toString('utf8')}`, status >= 500);
    }
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    await sink.begin(Number.isSafeInteger(length) ? length : undefined);
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      seen(chunk);
      await sink.write(position, chunk);
      position += chunk.length;
    }
    return position;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandFailure) throw error;
    return fail(`${failureText(error)} after ${position} bytes from ${url}`, true);
  }
}
