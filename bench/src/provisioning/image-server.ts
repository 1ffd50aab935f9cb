import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server with one image. */
export interface ImageServer extends AsyncDisposable {
  readonly sha256: string;
  readonly bytes: number;
  /** What a node needs to be deployed with the image. */
  readonly instanceInfo: Readonly<Record<string, string>>;
}

export async function startImageServer(bytes: number): Promise<ImageServer> {
  const image = randomImage(bytes);
  const sha256 = createHash('sha256').update(image).digest('hex');
  const server = createServer((request, response) => {
    response.writeHead(200, { 'Content-Length': image.length }).end(request.method === 'HEAD' ? undefined : image);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/image.raw`;
  return {
    sha256, bytes,
    instanceInfo: { image_source: url, image_os_hash_algo: 'sha256', image_os_hash_value: sha256, image_disk_format: 'raw' },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Random bytes with an empty partition table, which look like a disk to a firmware. */
function randomImage(bytes: number): Buffer {
  const image = randomBytes(bytes);
  image.fill(0, 446, 510);
  image.writeUInt16LE(0xaa55, 510);
  return image;
}
