/** What went wrong, one line each, and how much was looked at. */
export class Findings {
  readonly wrong: string[] = [];
  looked = 0;

  expect(what: string, found: unknown, wanted: readonly unknown[]): void {
    this.looked += 1;
    if (!wanted.includes(found)) this.wrong.push(`${what}: ${String(found)} instead of ${wanted.join(' or ')}`);
  }
}
