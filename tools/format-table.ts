/** Rows as aligned text, the first row being the head. Columns that hold only numbers stand to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) => body.length > 0 && body.every((row) => /^[\d.]+( \S+)?$/.test(row[column] ?? '')));
  const format = (row: readonly string[]): string =>
    widths
      .map((width, column) => (isNumeric[column] === true ? (row[column] ?? '').padStart(width) : (row[column] ?? '').padEnd(width)))
      .join('  ')
      .trimEnd();
  return rows.map(format).join('\n');
}
