const UNITS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4, P: 5 };

/**
 * Bytes for a size as the report writes it: `16 GB`, `8192 MB`, `279.37 GiB`. All units are powers of 1024, whatever they are called.
 * Undefined for anything else, such as `N/A` and `Not Installed`.
 */
export function parseSize(text: string | undefined): number | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)\s{0,4}([KMGTP]?)(?:i?B)$/i.exec(text ?? '');
  const power = UNITS[(match?.[2] ?? '').toUpperCase()];
  return match === null || power === undefined ? undefined : Math.floor(Number(match[1]) * 1024 ** power);
}
