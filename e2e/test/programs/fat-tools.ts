import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { formatFat12, putOnlyFile } from '../../support/fat-image.ts';

// What stands in for mkfs.vfat and mcopy where they are not installed, as far as a floppy with one file takes them:
//   mkfs.vfat -n LABEL -C IMAGE KIBIBYTES
//   mcopy -i IMAGE FILE ::NAME
const TOOLS: Readonly<Record<string, (args: readonly string[]) => void>> = {
  'mkfs.vfat': ([, label = '', , image = '', kibibytes]) => writeFileSync(image, formatFat12(label, Number(kibibytes))),
  mcopy([, path = '', source = '', target = '']) {
    const image = readFileSync(path);
    putOnlyFile(image, target.replace(/^::/, ''), readFileSync(source));
    writeFileSync(path, image);
  },
};

const [name = '', ...args] = process.argv.slice(2);
TOOLS[name]?.(args);
