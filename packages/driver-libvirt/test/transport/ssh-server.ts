import { createServer } from 'node:net';
import ssh2, { type AuthContext, type ParsedKey, type ServerChannel } from 'ssh2';
import { listen, type Listening } from './listen.js';

export interface KeyPair {
  readonly private: string;
  /** `ssh-ed25519 AAAA…` */
  readonly public: string;
}

/**
 * A new key. ssh2 drops the leading zero bytes of an ed25519 public key, which one key in 256 has, and nobody
 * (itself and OpenSSH included) can read what it writes then: such a key is thrown away and another one made.
 */
export function makeKey(type: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519', passphrase?: string): KeyPair {
  const locked = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-cbc', rounds: 1 };
  const bits = { ed25519: {}, ecdsa: { bits: 256 }, rsa: { bits: 2048 } }[type];
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'rsa', { ...bits, ...locked } as { bits: number });
    if (!(ssh2.utils.parseKey(pair.private, passphrase) instanceof Error)) return pair;
  }
}

export const parsed = (text: string): ParsedKey => {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key;
};

export interface SshServerSettings {
  readonly hostKeys: readonly KeyPair[];
  /** Public keys that may log in; `silent` never answers; `anybody` asks for nothing. */
  readonly users: readonly KeyPair[] | 'silent' | 'anybody' | 'password';
  /** What happens to a command; default: sends back what it gets. `silent` never answers, `refuse` refuses. */
  readonly command?: ((command: string, channel: ServerChannel) => void) | 'silent' | 'refuse';
}

export interface SshServer extends Listening {
  /** Commands that came, in order. */
  readonly commands: readonly string[];
  /** `none`, `publickey joe SHA…`: what clients tried. */
  readonly attempts: readonly string[];
  /** Resolves when a step is reached. */
  reached(step: 'auth' | 'exec'): Promise<void>;
}

/** An SSH server of the same library as the client: the far side of unit tests. sshd is the far side of the peer tests. */
export async function startSshServer(settings: SshServerSettings): Promise<SshServer> {
  const commands: string[] = [];
  const attempts: string[] = [];
  const steps = { auth: Promise.withResolvers<void>(), exec: Promise.withResolvers<void>() };
  const server = new ssh2.Server({ hostKeys: settings.hostKeys.map((key) => key.private) }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      attempts.push(`${context.method} ${context.username}`);
      steps.auth.resolve();
      authenticate(context, settings.users);
    });
    client.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptCommand, reject, { command }) => {
        commands.push(command);
        steps.exec.resolve();
        const action = settings.command ?? ((_command, channel) => void channel.pipe(channel));
        if (action === 'refuse') reject();
        else if (action !== 'silent') action(command, acceptCommand());
      });
    });
  });
  const listening = await listen(createServer({ noDelay: true }, (socket) => server.injectSocket(socket)));
  return Object.assign(Object.create(listening) as Listening, { commands, attempts, reached: async (step: 'auth' | 'exec') => steps[step].promise });
}

function authenticate(context: AuthContext, users: SshServerSettings['users']): void {
  if (users === 'silent') return;
  if (users === 'anybody') {
    context.accept();
    return;
  }
  if (users === 'password') {
    context.reject(['password', 'keyboard-interactive']);
    return;
  }
  const user = context.method === 'publickey' ? users.find((key) => parsed(key.public).getPublicSSH().equals(context.key.data)) : undefined;
  if (user === undefined || context.method !== 'publickey') {
    context.reject(['publickey']);
    return;
  }
  if (context.signature !== undefined && context.blob !== undefined && !parsed(user.public).verify(context.blob, context.signature, context.hashAlgo)) context.reject();
  else context.accept();
}
