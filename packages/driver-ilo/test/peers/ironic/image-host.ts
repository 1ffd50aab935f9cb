import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** A web server for the files of one folder. */
export interface ImageHost extends AsyncDisposable {
  readonly url: string;
}

export async function startImageHost(folder: string): Promise<ImageHost> {
  const server = createServer((request, response) => {
    void readFile(join(folder, basename(new URL(request.url ?? '/', 'http://host').pathname))).then(
      (bytes) => response.writeHead(200, { 'Content-Length': bytes.length }).end(request.method === 'HEAD' ? undefined : bytes),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
