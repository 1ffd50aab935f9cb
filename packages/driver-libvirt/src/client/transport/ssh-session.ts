import type { Clock } from '@ferric/core';
import type { Socket } from 'node:net';
import type { AnyAuthMethod, AuthenticationType, BaseAgent, Client } from 'ssh2';
import { commandRefused, ConnectionEnded, connectionFailure, levelOf, type LoginFacts, sshConnectionLost } from './ssh-errors.js';
import type { HostKeyCheck } from './ssh-host-key.js';
import type { SshIdentities, SshIdentity } from './ssh-identities.js';
import type { Ssh2 } from './ssh-library.js';
import { SshStream } from './ssh-stream.js';

export interface SshLogin {
  readonly address: string;
  readonly username: string;
  readonly identities: SshIdentities;
  readonly hostKey: HostKeyCheck;
}

/** One SSH connection over a socket, which it owns. */
export class SshSession {
  readonly #ssh2: Ssh2;
  readonly #client: Client;
  readonly #socket: Socket;
  readonly #address: string;
  readonly #agentStreams = new Set<{ destroy(): unknown }>();
  readonly #agentProblems: string[] = [];
  readonly #ended: PromiseWithResolvers<never> = Promise.withResolvers();
  #endReason: Error | undefined;
  #closed = false;
  #onLost: (error: Error) => void = () => undefined;

  constructor(ssh2: Ssh2, socket: Socket, address: string) {
    this.#ssh2 = ssh2;
    this.#client = new ssh2.Client();
    this.#socket = socket;
    this.#address = address;
    this.#ended.promise.catch(() => undefined);
    this.#client.on('error', (error: Error) => {
      // It goes on with the next key then.
      if (levelOf(error) === 'agent') this.#agentProblems.push(error.message);
      else this.#end(error);
    });
    this.#client.on('close', () => this.#end(new ConnectionEnded()));
  }

  /** Shows who is there, after the host has shown its key. @throws TLS_UNTRUSTED, AUTH_FAILED, UNREACHABLE, UNSUPPORTED, PROTOCOL_FAULT. */
  async login({ address, username, identities, hostKey }: SshLogin): Promise<void> {
    let distrust: Error | undefined;
    let accepted: readonly string[] = [];
    const next = this.#methods(username, identities.identities);
    const ready = new Promise<void>((resolve) => this.#client.once('ready', resolve));
    this.#client.connect({
      sock: this.#socket,
      username,
      // The caller's signal limits the time, and RPC has a keepalive of its own.
      readyTimeout: 0,
      keepaliveInterval: 0,
      algorithms: { serverHostKey: hostKey.algorithms },
      hostVerifier: (key: Buffer, verify: (trusted: boolean) => void) => {
        hostKey.judge(key).then(
          (error) => {
            distrust = error;
            verify(error === undefined);
          },
          (error: unknown) => {
            distrust = error as Error;
            verify(false);
          },
        );
      },
      authHandler: (left: AuthenticationType[] | null, _partial: boolean | null, proceed: (method: AnyAuthMethod | false) => void) => {
        accepted = left ?? accepted;
        proceed(next());
      },
    } as Parameters<Client['connect']>[0]);
    try {
      await Promise.race([ready, this.#ended.promise]);
    } catch (error) {
      const facts: LoginFacts = { address, username, identities, accepted, agentProblems: this.#agentProblems };
      throw distrust ?? connectionFailure(error as Error, facts);
    }
  }

  /** Starts a command. @throws REFUSED; UNREACHABLE when the connection ends first. */
  async run(command: string, clock: Clock): Promise<SshStream> {
    const address = this.#address;
    return new Promise<SshStream>((resolve, reject) => {
      const lost = (error: Error): void => reject(sshConnectionLost(address, error));
      this.#ended.promise.catch(lost);
      try {
        this.#client.exec(command, (error, channel) => {
          if (error !== undefined && error !== null) {
            // A connection that is lost refuses everything.
            reject(this.#endReason === undefined ? commandRefused(error, address) : sshConnectionLost(address, this.#endReason));
            return;
          }
          // At once, for the command may have ended already, and what is told of its end is told only once.
          const stream = new SshStream(channel, { address, clock, release: () => this.close() });
          this.#onLost = (reason) => stream.destroy(sshConnectionLost(address, reason));
          resolve(stream);
        });
      } catch (error) {
        lost(error as Error);
      }
    });
  }

  /** Leaves no socket behind. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#onLost = () => undefined;
    this.#client.end();
    this.#socket.destroy();
    for (const stream of this.#agentStreams) stream.destroy();
    this.#agentStreams.clear();
  }

  #end(error: Error): void {
    this.#endReason ??= error;
    this.#ended.reject(error);
    this.#onLost(error);
    this.#onLost = () => undefined;
  }

  /** One way to log in after the other; false when there are no more. Asking with none at first tells what the server takes. */
  #methods(username: string, identities: readonly SshIdentity[]): () => AnyAuthMethod | false {
    const left: AnyAuthMethod[] = [{ type: 'none', username }];
    for (const identity of identities) {
      if (identity.kind === 'key') left.push({ type: 'publickey', username, key: identity.key });
      else left.push({ type: 'agent', username, agent: this.#createAgent(identity.path) });
    }
    return () => left.shift() ?? false;
  }

  /** An agent whose connections can be closed, also when it never answers. */
  #createAgent(path: string): BaseAgent {
    const agent = new this.#ssh2.OpenSSHAgent(path);
    const getStream = agent.getStream.bind(agent);
    agent.getStream = (callback) =>
      getStream((error, stream) => {
        if (stream !== undefined) this.#agentStreams.add(stream);
        if (this.#closed) stream?.destroy();
        callback(error, stream);
      });
    return agent;
  }
}
