import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { characters, maybe, type RawClient, text, u32 } from './raw-client.js';

const hmac = (key: Buffer, message: string): Buffer => createHmac('sha256', key).update(message).digest();

/** Logs in by SCRAM-SHA-256 (RFC 5802), with bytes written by hand. Resolves to the last message of the daemon. */
export async function logIn(client: RawClient, username: string, password: string): Promise<string> {
  const readStep = (values: { int(): number; characters(): string }): string => {
    values.int();
    values.int();
    return values.characters();
  };
  await client.read(67, '', (values) => values.text());
  const bare = `n=${username},r=clientnonce`;
  const challenge = await client.read(68, text('SCRAM-SHA-256') + u32(0) + characters(`n,,${bare}`), readStep);
  const [, nonce = '', salt = '', iterations = '0'] = /^r=(.*),s=(.*),i=(.*)$/.exec(challenge) ?? [];
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(iterations), 32, 'sha256');
  const clientKey = hmac(salted, 'Client Key');
  const signature = hmac(createHash('sha256').update(clientKey).digest(), `${bare},${challenge},c=biws,r=${nonce}`);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0))).toString('base64');
  return client.read(69, u32(0) + characters(`c=biws,r=${nonce},p=${proof}`), readStep);
}

/** Logs in and opens. */
export async function logInAndOpen(client: RawClient, username: string, password: string): Promise<void> {
  await logIn(client, username, password);
  await client.read(1, maybe('qemu:///system') + u32(0), () => undefined);
}
