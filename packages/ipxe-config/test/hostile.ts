import fc from 'fast-check';

/** Pieces that mean something to iPXE, to URLs or to Linux. */
const DANGEROUS = [
  '\n', '\r', '\r\n', '\\', '\\\n', '\\\r\n', '\t', '\v', '\f', '\0', '\u007f', '\u0085', '\u00a0', '\u2028', 'é', '\ud800', '#', ' #', '#!ipxe\n', ';', ' ; ', ';;', '||', ' || ',
  '|', '&&', ' && ', '&', '${', '$', '{', '}', '${mac}', '${${a}}', '$${a}', '%default%', ':', ':retry', '\n:retry', ' ', '  ', '"', "'", '`', '=', '--name x', '--', '/', '//', '?',
  '%24%7Bmac%7D', '@', 'user:pw@', 'shell', ' ; shell', 'goto fail', 'exit', 'http://', 'initrd=x',
];

/** A word that every rule accepts. */
export const harmless = fc.stringMatching(/^[a-z0-9=,._-]{1,8}$/);
/** Texts that mix dangerous pieces, harmless words, blanks and anything at all. */
export const hostile = fc
  .array(fc.oneof({ arbitrary: fc.constantFrom(...DANGEROUS), weight: 3 }, { arbitrary: harmless, weight: 4 }, { arbitrary: fc.constant(' '), weight: 2 }, fc.string({ maxLength: 4 })), { maxLength: 7 })
  .map((pieces) => pieces.join(''));
