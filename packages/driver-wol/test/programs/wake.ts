// Wakes what the first argument says, as JSON { mac, options }, and prints the report or the error as JSON.
import { FerricError } from '@ferric/core';
import { wake, type WakeOptions } from '@ferric/driver-wol/client';

const { mac, options } = JSON.parse(process.argv[2] ?? '{}') as { readonly mac: string | readonly string[]; readonly options: WakeOptions };
try {
  process.stdout.write(JSON.stringify({ report: await wake(mac, options) }));
} catch (error) {
  if (!FerricError.is(error)) throw error;
  process.stdout.write(JSON.stringify({ error: error.toJSON() }));
}
