import { expect, test } from 'vitest';
import { mediumCommandLine } from './medium-command-line.js';

const image = (text: string): Buffer => Buffer.concat([Buffer.alloc(4096, 0xee), Buffer.from(text), Buffer.alloc(4096)]);

test.each([
  ['default boot\nlabel boot\n  kernel /vmlinuz\n  append initrd=/initrd ipa-api-url=http://h:1 quiet\n', 'ipa-api-url=http://h:1 quiet'],
  ['\n  append quiet initrd=/x\n', 'quiet'],
  ['\n  append quiet', undefined],
  [`\n  append ${'x'.repeat(3000)}\n`, undefined],
  ['nothing of that kind', undefined],
])('of %j is %s', (text, commandLine) => {
  expect(mediumCommandLine(image(text))).toBe(commandLine);
});
