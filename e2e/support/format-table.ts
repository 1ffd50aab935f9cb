/** Rows as aligned text, the first being the head. Columns that hold only numbers stand to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const pads = head.map((_, column) => {
    const width = Math.max(...rows.map((row) => row[column]?.length ?? 0));
    const isNumeric = body.every((row) => /^\d+(\.\d+)?( \w+)?$/.test(row[column] ?? ''));
    return (text: string): string => (isNumeric ? text.padStart(width) : text.padEnd(width));
  });
  return rows.map((row) => pads.map((pad, column) => pad(row[column] ?? '')).join('  ').trimEnd()).join('\n');
}
