import type { SaslExchange, SaslMechanism } from './mechanism.js';
import { checkCredentials, saslFault, saslUnsupported } from './sasl-error.js';

const PLAIN = 'PLAIN';

/** The password as it is (RFC 4616): only on a connection that is protected already. The server proves nothing. */
export const plain: SaslMechanism = {
  name: PLAIN,
  strength: 10,
  plaintext: true,
  protects: false,
  weak: false,
  begin(credentials, context): SaslExchange {
    if (!context.secure) {
      throw saslUnsupported(PLAIN, 'the connection is not encrypted and everybody on the way would see the password', 'Use TLS (qemu+tls://) or SSH.');
    }
    checkCredentials(credentials);
    return {
      start: () => Buffer.from(`\0${credentials.username}\0${credentials.password.reveal()}`),
      step() {
        throw saslFault(PLAIN, 'it asks for more than the password');
      },
      complete(serverData) {
        if (serverData !== undefined && serverData.length > 0) throw saslFault(PLAIN, 'it answers more than that it is done');
        return undefined;
      },
    };
  },
};
