/** The parameters of a kernel's command line: name and value; a name without `=` has an empty value. The last one of a name wins. */
export type KernelParameters = Readonly<Record<string, string>>;

/**
 * Reads a command line as the kernel does: split at white space outside double quotes, which go away.
 * Source: Linux, Documentation/admin-guide/kernel-parameters.rst and lib/cmdline.c (next_arg).
 */
export function parseCommandLine(line: string): KernelParameters {
  const words = line.match(/(?:[^\s"]|"[^"]*(?:"|$))+/g) ?? [];
  return Object.fromEntries(
    words.map((word) => {
      const end = word.indexOf('=');
      const name = (end === -1 ? word : word.slice(0, end)).replaceAll('"', '');
      return [name, end === -1 ? '' : word.slice(end + 1).replaceAll('"', '')];
    }),
  );
}
