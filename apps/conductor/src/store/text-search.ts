/** Text as it is searched: no difference between capital and small letters, nor between ways to write the same letter. */
export function foldText(text: string): string {
  return text.normalize('NFC').toLowerCase();
}

/** A LIKE pattern (with `\` as escape character) for folded texts that contain this text literally. */
export function containsPattern(text: string): string {
  return `%${foldText(text).replace(/[\\%_]/g, '\\$&')}%`;
}
