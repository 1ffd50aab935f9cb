import { DatabaseSync } from 'node:sqlite';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containsPattern, foldText } from './text-search.js';

describe('searching text', () => {
  it('finds a text in another as plain code does, whatever wildcards it holds', () => {
    using database = new DatabaseSync(':memory:');
    const like = database.prepare("select ? like ? escape '\\' as found");
    const text = fc.string({ unit: fc.constantFrom('a', 'A', 'ä', 'Ä', '%', '_', '\\', 'İ', 'ß', 'e\u0301', '\u00e9'), maxLength: 6 });
    fc.assert(
      fc.property(text, text, (whole, part) => {
        expect(like.get(foldText(whole), containsPattern(part))?.['found']).toBe(foldText(whole).includes(foldText(part)) ? 1 : 0);
      }),
      { numRuns: 500 },
    );
  });

  it('does not tell capital from small letters, nor two ways to write one', () => {
    expect(foldText('GRÖSSE E\u0301')).toBe('grösse \u00e9');
  });
});
