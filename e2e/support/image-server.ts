import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server with images in memory. */
export interface ImageServer extends AsyncDisposable {
  readonly url: string;
  /** Downloads that were begun, by path. */
  readonly downloads: ReadonlyMap<string, number>;
  /** Offers an image; yields what a node needs to be deployed with it. */
  offer(name: string, image: Buffer): OfferedImage;
  /** Instead of sending it, does this with every download of it. */
  answerWith(name: string, answer: (response: ServerResponse, image: Buffer) => void): void;
}

/** instance_info of a node that gets this image. */
export interface OfferedImage {
  readonly image_source: string;
  readonly image_os_hash_algo: 'sha256';
  readonly image_os_hash_value: string;
  readonly image_disk_format: 'raw';
}

/** Random bytes with an empty partition table, which look like a disk to a firmware. */
export function randomImage(bytes: number): Buffer {
  const image = randomBytes(bytes);
  image.fill(0, 446, 510);
  image.writeUInt16LE(0xaa55, 510);
  return image;
}

export async function startImageServer(): Promise<ImageServer> {
  const images = new Map<string, Buffer>();
  const answers = new Map<string, (response: ServerResponse, image: Buffer) => void>();
  const downloads = new Map<string, number>();
  const server = createServer((request, response) => {
    const name = (request.url ?? '/').slice(1);
    const image = images.get(name);
    if (image === undefined) return void response.writeHead(404, { 'Content-Length': 0 }).end();
    downloads.set(name, (downloads.get(name) ?? 0) + 1);
    const answer = answers.get(name);
    if (answer !== undefined) return answer(response, image);
    response.writeHead(200, { 'Content-Length': image.length }).end(request.method === 'HEAD' ? undefined : image);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url, downloads,
    offer(name, image) {
      images.set(name, image);
      return { image_source: `${url}/${name}`, image_os_hash_algo: 'sha256', image_os_hash_value: createHash('sha256').update(image).digest('hex'), image_disk_format: 'raw' };
    },
    answerWith: (name, answer) => void answers.set(name, answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
