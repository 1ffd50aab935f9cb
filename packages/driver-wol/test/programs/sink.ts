// Listens on the address and port of the arguments. Prints `ready`, then answers each line of its input: `settled` with
// the packets that came until then, as JSON. Ends with its input.
import { createInterface } from 'node:readline';
import { createPacketSink } from '@ferric/driver-wol/simulator';

const [host = '0.0.0.0', port = '9'] = process.argv.slice(2);
await using sink = await createPacketSink({ host, port: Number(port) });
process.stdout.write('ready\n');
for await (const _line of createInterface({ input: process.stdin })) {
  await sink.settled();
  const packets = sink.packets.map((packet) => ({ from: packet.from.address, mac: packet.mac, payload: Buffer.from(packet.payload).toString('hex') }));
  process.stdout.write(`${JSON.stringify(packets)}\n`);
}
