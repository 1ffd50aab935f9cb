/** What the demo shows of an entry of a node's timeline. */
export interface ShownEvent {
  readonly node_uuid: string;
  readonly message: string;
}

const DATA = 'data: ';

/**
 * Tells everything that has happened and happens, from the conductor's stream of server-sent events, until the stream ends.
 * Rejects with the signal's reason, or the fault of the network.
 */
export async function followEvents(conductorUrl: string, signal: AbortSignal, listener: (event: ShownEvent) => void): Promise<void> {
  const { body } = await fetch(`${conductorUrl}/ferric/v1/events?after=0`, { signal });
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body ?? []) {
    const blocks = (rest + decoder.decode(bytes as Uint8Array, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const line of blocks.flatMap((block) => block.split('\n'))) {
      if (line.startsWith(DATA)) listener(JSON.parse(line.slice(DATA.length)) as ShownEvent);
    }
  }
}
