/** One entry of an archive. Paths have no slash at their begin; a folder stands before what is in it. */
export interface ArchiveEntry {
  readonly path: string;
  /** Type and permissions, as stat(2) gives them: {@link FOLDER_MODE}, {@link PROGRAM_MODE}, {@link FILE_MODE}, {@link LINK_MODE}. */
  readonly mode: number;
  /** Content of a file, target of a link. Default empty. */
  readonly content?: Uint8Array;
}

export const FOLDER_MODE = 0o040755;
export const PROGRAM_MODE = 0o100755;
export const FILE_MODE = 0o100644;
export const LINK_MODE = 0o120777;

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';

/**
 * An archive that Linux unpacks as its first file system; several of them, one behind the other, are unpacked in this order.
 * Source: Linux, Documentation/driver-api/early-userspace/buffer-format.rst, format newc.
 */
export function cpioArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const parts = entries.flatMap(({ path, mode, content = new Uint8Array() }, index) => record(index + 1, path, mode, content));
  return Buffer.concat([...parts, ...record(0, TRAILER, 0, new Uint8Array())]);
}

/** Files with all the folders above them, each once and before what is in it. */
export function withFolders(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const isFolder = ({ mode }: ArchiveEntry): boolean => mode === FOLDER_MODE;
  const folders = new Set(entries.flatMap((entry) => [...foldersAbove(entry.path), ...(isFolder(entry) ? [entry.path] : [])]));
  return [...[...folders].toSorted().map((path) => ({ path, mode: FOLDER_MODE })), ...entries.filter((entry) => !isFolder(entry))];
}

function foldersAbove(path: string): readonly string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_name, index) => names.slice(0, index + 1).join('/'));
}

function record(inode: number, path: string, mode: number, content: Uint8Array): readonly Uint8Array[] {
  // Owner, group, links, time; then the size; then four device numbers; then the name's length with its zero, and no checksum.
  const fields = [inode, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, Buffer.byteLength(path) + 1, 0];
  const head = Buffer.from(`${MAGIC}${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}${path}\0`);
  return [head, padding(head.length), content, padding(content.length)];
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}
