/** A time as Ironic writes it: `2026-11-21T00:07:47.872279+00:00`. Ours know milliseconds only. */
export function timeText(at: Date): string {
  return `${at.toISOString().slice(0, -1)}000+00:00`;
}
