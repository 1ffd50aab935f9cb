// Runs inside a guest: says hello to who sent it, tells of the disk, writes it, and ends.
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const [, api] = /ipa-api-url=(\S+)/.exec(await readFile('/proc/cmdline', 'utf8')) ?? [];
const disk = '/dev/vda';

/** @param {import('node:http').IncomingMessage} request */
async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const ANSWERS = {
  '/disk': async () => ({ api, bytes: 512 * Number(await readFile('/sys/block/vda/size', 'utf8')) }),
  '/write': async (request) => {
    const file = await open(disk, 'r+');
    await file.write(await readBody(request));
    await file.sync();
    await file.close();
    setImmediate(() => process.exit(0));
    return {};
  },
};

await fetch(`${api}/hello`);
createServer((request, response) => {
  ANSWERS[request.url](request).then((answer) => response.end(JSON.stringify(answer)), (error) => response.destroy(error));
}).listen(9999);
