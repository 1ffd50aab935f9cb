/** What stands before the command line in the configuration of ISOLINUX on a CD. Source: Syslinux, doc/syslinux.txt, "append". */
const APPEND = '\n  append ';
/** Longest command line of Linux on x86. Source: Linux, arch/x86/include/asm/setup.h (COMMAND_LINE_SIZE). */
const LONGEST = 2048;

/**
 * What the kernel on a CD is told, as firmware and boot loader of a machine find out; undefined when the image does not boot.
 * A short file lies in one piece in an image, so that it can be found without reading the file system.
 */
export function mediumCommandLine(image: Uint8Array): string | undefined {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const at = bytes.indexOf(APPEND);
  if (at === -1) return undefined;
  const from = at + APPEND.length;
  const end = bytes.indexOf('\n', from);
  if (end === -1 || end - from > LONGEST) return undefined;
  return bytes.toString('latin1', from, end).replace(/(^| )initrd=\S+/, '').trim();
}
