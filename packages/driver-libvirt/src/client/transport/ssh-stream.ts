import type { Clock } from '@ferric/core';
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { type RemoteEnd, remoteEnded } from './ssh-errors.js';

/** What is kept of what the command says on its error output. */
const SAID_LIMIT_BYTES = 4_096;

/** After the end of its output, so long for the command to say how it ended. */
const LINGER_MS = 1_000;

export interface SshStreamSettings {
  readonly address: string;
  readonly clock: Clock;
  /** Closes the SSH connection. */
  readonly release: () => void;
}

/**
 * Input and output of a command at the far end. When the command fails, so does the stream, with its exit status and what it said;
 * destroying the stream closes the SSH connection.
 */
export class SshStream extends Duplex {
  readonly #channel: ClientChannel;
  readonly #settings: SshStreamSettings;
  #said = Buffer.alloc(0);
  #exit: Pick<RemoteEnd, 'exitCode' | 'signalName'> = { exitCode: undefined, signalName: undefined };
  #linger: Disposable | undefined;

  constructor(channel: ClientChannel, settings: SshStreamSettings) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    this.#settings = settings;
    // It never fails unheard: its last error can be read from `errored`.
    this.on('error', () => undefined);
    channel.on('error', (error: Error) => this.destroy(error));
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      if (this.#said.length < SAID_LIMIT_BYTES) this.#said = Buffer.concat([this.#said, chunk]).subarray(0, SAID_LIMIT_BYTES);
    });
    channel.on('exit', (code: number | null, signalName?: string) => {
      this.#exit = { exitCode: code ?? undefined, signalName };
    });
    channel.on('end', () => {
      this.#linger = settings.clock.after(LINGER_MS, () => this.#finish());
    });
    channel.on('close', () => this.#finish());
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#channel.write(chunk, (error) => callback(error));
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#channel.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#linger?.[Symbol.dispose]();
    this.#settings.release();
    callback(error);
  }

  #finish(): void {
    this.#linger?.[Symbol.dispose]();
    if (this.destroyed || this.readableEnded) return;
    const { exitCode, signalName } = this.#exit;
    const said = printable(this.#said);
    const failed = exitCode !== 0 && (exitCode !== undefined || signalName !== undefined || said !== '');
    if (failed) this.destroy(remoteEnded({ address: this.#settings.address, exitCode, signalName, said }));
    else this.push(null);
  }
}

/** On one line, and without what would change the terminal of the reader. */
function printable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{Cc}/gu, '').trim())
    .filter((line) => line !== '')
    .join('; ');
}
