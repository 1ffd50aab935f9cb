import { SCRAM_SHA_256, ScramServer } from '../daemon/scram-server.js';
import type { Call, ProcedureTable } from '../daemon/procedure.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';

// A real daemon offers SCRAM on unix sockets and inside TLS only: over plain TCP it wants a mechanism that encrypts as well, and that
// leaves DIGEST-MD5 and Kerberos. The simulator offers SCRAM-SHA-256 everywhere, so that user name and password can be tried over TCP
// without RC4. That the client speaks DIGEST-MD5 is shown against a real daemon.

/** Source: libvirt 9.0.0, src/remote/remote_protocol.x, remote_auth_type. */
const AUTHENTICATION_SASL = 1;
const AUTHENTICATION_NONE = 0;
/** REMOTE_AUTH_SASL_DATA_MAX. */
const MOST_DATA_BYTES = 65_536;

/** Every failure reads the same: libvirtd tells no stranger why. */
const refused = (): RemoteError => new RemoteError(ERROR.authenticationFailed, ERROR_DOMAIN.rpc, 'authentication failed');

function readData(call: Call): Buffer | null {
  const isNull = call.args.boolean();
  const data = call.args.characters(MOST_DATA_BYTES);
  return isNull ? null : data;
}

function answerStep(call: Call, data: Buffer | null): void {
  const { session, host, reply } = call;
  const mechanism = session.login?.mechanism;
  if (!(mechanism instanceof ScramServer)) return refuse(call);
  // The client may begin without data; the server's first word is then an empty one. Some clients end texts with a zero byte.
  if (data === null) return void reply.boolean(false).boolean(true).characters(Buffer.alloc(0));
  const step = mechanism.step(data.toString('utf8').replace(/\0$/, ''));
  if (step.status === 'refused') return refuse(call);
  if (step.status === 'done') {
    host.activity.authenticationAttempts += 1;
    session.login = undefined;
    session.isAuthenticated = true;
  }
  reply.boolean(step.status === 'done').boolean(false).characters(Buffer.from(step.answer));
}

/** Ends the attempt; the client may begin another one. */
function refuse(call: Call): never {
  call.session.login = undefined;
  call.host.activity.authenticationAttempts += 1;
  throw refused();
}

export const authenticationProcedures: ProcedureTable = {
  66: {
    name: 'virConnectOpenAuth',
    from: 'start',
    answer({ session, reply }) {
      reply.list([session.isAuthenticated ? AUTHENTICATION_NONE : AUTHENTICATION_SASL], (writer, type) => writer.int(type));
    },
  },
  67: {
    name: 'virConnectOpenAuth',
    from: 'start',
    answer({ session, reply }) {
      if (session.isAuthenticated || session.login !== undefined) throw refused();
      session.login = { mechanism: 'not chosen' };
      reply.string(SCRAM_SHA_256);
    },
  },
  68: {
    name: 'virConnectOpenAuth',
    from: 'start',
    answer(call) {
      const { session, host, args } = call;
      const mechanism = args.string();
      const data = readData(call);
      if (session.login?.mechanism !== 'not chosen' || host.verifier === undefined || mechanism !== SCRAM_SHA_256) return refuse(call);
      session.login = { mechanism: new ScramServer(host.verifier) };
      answerStep(call, data);
    },
  },
  69: {
    name: 'virConnectOpenAuth',
    from: 'start',
    answer: (call) => answerStep(call, readData(call)),
  },
  70: {
    name: 'virConnectOpenAuth',
    from: 'start',
    answer() {
      throw refused();
    },
  },
};
