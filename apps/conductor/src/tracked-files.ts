import { readFile, stat } from 'node:fs/promises';
import { FerricError, invalidOptions, printValue, Secret, type Logger } from '@ferric/core';

/** A file that an option names. */
export interface TrackedFile {
  /** As the user writes it: `--htpasswd`. */
  readonly option: string;
  readonly path: string;
  /** Whether it is for nobody else's eyes: a warning tells when everybody on this machine may read it. */
  readonly isPrivate: boolean;
}

export interface TrackedFilesSettings<T> {
  readonly files: readonly TrackedFile[];
  /**
   * What the texts of the files mean, in their order.
   * @throws INVALID_OPTIONS naming the option.
   */
  readonly parse: (texts: readonly Secret[]) => T;
  readonly logger: Logger;
}

/** Files that may change while the conductor runs, as they were when they were last good. */
export interface TrackedFiles<T> {
  readonly content: T;
  /**
   * Looks whether the files changed and reads them again; true when there is new content. A version that cannot be used is
   * told in the log, once, and the old content stays. Never rejects.
   */
  refresh(): Promise<boolean>;
}

/** Far above what users or certificates need. Bytes. */
const LARGEST_BYTES = 1024 * 1024;
const OTHERS_MAY_READ = 0o004n;

/**
 * Reads the files for the first time.
 * @throws INVALID_OPTIONS when one cannot be read or used.
 */
export async function trackFiles<T>(settings: TrackedFilesSettings<T>): Promise<TrackedFiles<T>> {
  const { files, logger, parse } = settings;
  const names = files.map(({ path }) => path);
  let refreshing: Promise<boolean> | undefined;

  const read = async (): Promise<T> => {
    const content = parse(await Promise.all(files.map(readText)));
    await Promise.all(files.map((file) => warnWhenPublic(file, logger)));
    return content;
  };

  // Looked at before the content: what is written meanwhile is a change that the next look finds.
  let seen = await fingerprint(files);
  let content = await read();

  const refresh = async (): Promise<boolean> => {
    const now = await fingerprint(files);
    if (now === seen) return false;
    seen = now;
    try {
      content = await read();
      logger.info({ files: names }, 'Files changed and were read again');
      return true;
    } catch (error) {
      logger.error({ files: names, error }, 'Files changed and cannot be used; what they held before stays in force');
      return false;
    }
  };

  return {
    get content() {
      return content;
    },
    refresh() {
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
}

/** Tells versions of the files apart; what cannot be looked at is a version too. */
async function fingerprint(files: readonly TrackedFile[]): Promise<string> {
  const parts = files.map(async ({ path }) => {
    const facts = await stat(path, { bigint: true }).catch((error: unknown) => (error as NodeJS.ErrnoException).code ?? 'unknown');
    return typeof facts === 'string' ? facts : [facts.dev, facts.ino, facts.size, facts.mtimeNs].join(':');
  });
  return (await Promise.all(parts)).join(' ');
}

async function readText(file: TrackedFile): Promise<Secret> {
  try {
    const facts = await stat(file.path);
    // A pipe would keep the start waiting, and could not be read again.
    if (!facts.isFile()) throw unusable(file, 'a regular file');
    if (facts.size > LARGEST_BYTES) throw unusable(file, `a file of at most ${LARGEST_BYTES} bytes`);
    return new Secret(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file.path)));
  } catch (error) {
    if (FerricError.is(error)) throw error;
    if (error instanceof TypeError) throw unusable(file, 'a text in UTF-8');
    throw unusable(file, `a file that the conductor can read (${(error as NodeJS.ErrnoException).code ?? 'it cannot'})`);
  }
}

function unusable({ option, path }: TrackedFile, expected: string): FerricError {
  return invalidOptions('Configuration', [{ field: option, problem: 'invalid', expected, received: printValue(path) }]);
}

async function warnWhenPublic({ option, path, isPrivate }: TrackedFile, logger: Logger): Promise<void> {
  if (!isPrivate || process.platform === 'win32') return;
  const { mode } = await stat(path, { bigint: true });
  if ((mode & OTHERS_MAY_READ) !== 0n) logger.warn({ option, file: path }, 'Everybody on this machine can read this file: take that away with chmod o-r');
}
