import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { account, bytes, context, recordings, text, type ScramRecording } from '../../../test/sasl-exchanges.js';
import { MECHANISMS } from './index.js';
import type { SaslExchange, SaslMechanism } from './mechanism.js';
import { scramSha1, scramSha256, scramSha512 } from './scram.js';

const PASSWORD = 'a-password-to-be-found';

/** RFC 5802 §5, RFC 7677 §3, and the vector that Apache Qpid and others test SCRAM-SHA-512 with, for which there is no RFC. */
const VECTORS: readonly ScramRecording[] = [
  {
    mechanism: 'SCRAM-SHA-1',
    username: 'user',
    password: 'pencil',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    challenge: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    response: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    outcome: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    mechanism: 'SCRAM-SHA-256',
    username: 'user',
    password: 'pencil',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    challenge: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    response: 'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    outcome: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
  {
    mechanism: 'SCRAM-SHA-512',
    username: 'user',
    password: 'pencil',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    challenge: 'r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,s=Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=,i=4096',
    response:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865,' +
      'p=Hc5yec3NmCD7t+kFRw4/3yD6/F3SQHc7AVYschRja+Bc3sbdjlA0eH1OjJc0DD4ghn1tnXN5/Wr6qm9xmaHt4A==',
    outcome: 'v=BQuhnKHqYDwQWS5jAw4sZed+C9KFUALsbrq81bB0mh+bcUUbbMPNNmBIupnS2AmyyDnG5CTBQtkjJ9kyY4kzmw==',
  },
];

function begin({ mechanism, username, password, nonce }: ScramRecording): SaslExchange {
  const found = MECHANISMS.find((candidate) => candidate.name === mechanism) as SaslMechanism;
  return found.begin(account(username, password), context(nonce));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return FerricError.is(error) ? error.code : String(error);
  }
  return 'no failure';
}

const ALL_VECTORS = [
  ...VECTORS.map((vector) => ({ ...vector, source: 'its test vector' })),
  ...recordings.scram.map((vector) => ({ ...vector, source: 'Cyrus SASL' })),
];

describe.each(ALL_VECTORS)(
  '$mechanism with the values of $source, $username',
  (vector) => {
    test('goes through', () => {
      const exchange = begin(vector);
      expect(text(exchange.start())).toBe(`n,,n=${vector.username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${vector.nonce}`);
      expect(text(exchange.step(bytes(vector.challenge)))).toBe(vector.response);
      expect(exchange.complete(bytes(vector.outcome))).toBeUndefined();
    });

    test('takes the signature before the end as well, once', () => {
      const exchange = begin(vector);
      exchange.step(bytes(vector.challenge));
      expect(exchange.step(bytes(vector.outcome))).toHaveLength(0);
      expect(codeOf(() => exchange.step(bytes(vector.outcome)))).toBe('PROTOCOL_FAULT');
      expect(codeOf(() => exchange.complete(bytes(vector.outcome)))).toBe('PROTOCOL_FAULT');
      expect(exchange.complete(undefined)).toBeUndefined();
    });

    test('refuses a challenge or a signature that is cut anywhere', () => {
      // A salt may be cut where it is still base64, and a count that loses a digit is too low: nothing but the whole is taken.
      for (let length = 0; length < vector.challenge.length; length += 1) {
        expect(codeOf(() => begin(vector).step(bytes(vector.challenge.slice(0, length))))).toBe('PROTOCOL_FAULT');
      }
      for (let length = 0; length < vector.outcome.length; length += 1) {
        const exchange = begin(vector);
        exchange.step(bytes(vector.challenge));
        expect(['PROTOCOL_FAULT', 'AUTH_FAILED']).toContain(codeOf(() => exchange.complete(bytes(vector.outcome.slice(0, length)))));
      }
    });

    test('refuses the signature of somebody who does not know the password', () => {
      const size = Buffer.from(vector.outcome.slice(2), 'base64').length;
      for (const signature of [Buffer.alloc(size), Buffer.alloc(size + 1), Buffer.alloc(0)]) {
        const exchange = begin(vector);
        exchange.step(bytes(vector.challenge));
        const outcome = bytes(`v=${signature.toString('base64')}`);
        expect(codeOf(() => exchange.complete(outcome))).toBe(signature.length === 0 ? 'PROTOCOL_FAULT' : 'AUTH_FAILED');
      }
    });
  },
);

describe('a daemon that proves nothing', () => {
  const [, vector] = VECTORS as [ScramRecording, ScramRecording];

  test.each([
    ['says at once that it is done', (): unknown => begin(vector).complete(undefined), 'AUTH_FAILED'],
    ['says so with a signature', (): unknown => begin(vector).complete(bytes(vector.outcome)), 'AUTH_FAILED'],
    ['leaves its signature out', (): unknown => answered().complete(undefined), 'AUTH_FAILED'],
    ['sends an empty one', (): unknown => answered().complete(bytes('')), 'PROTOCOL_FAULT'],
    ['has no challenge', (): unknown => begin(vector).step(undefined), 'PROTOCOL_FAULT'],
  ])('and %s is not let through', (_, run, code) => {
    expect(codeOf(run)).toBe(code);
  });

  function answered(): SaslExchange {
    const exchange = begin(vector);
    exchange.step(bytes(vector.challenge));
    return exchange;
  }

  test.each(['e=invalid-proof', 'e=unknown-user,x=y', 'e='])('%s is a refusal', (outcome) => {
    for (const finish of ['step', 'complete'] as const) expect(codeOf(() => answered()[finish](bytes(outcome)))).toBe('AUTH_FAILED');
  });
});

describe('a challenge', () => {
  const START = 'r=nonceMORE,s=QSXCR+Q6sek8bf92';
  const step = (challenge: string | Buffer): unknown => scramSha256.begin(account('user', 'pencil'), context('nonce')).step(Buffer.from(challenge));

  test.each([
    ['whose nonce is only ours', 'r=nonce,s=QSXCR+Q6sek8bf92,i=4096'],
    ['whose nonce is another', 'r=noncMORE,s=QSXCR+Q6sek8bf92,i=4096'],
    ['whose nonce is ours at the end', 'r=MOREnonce,s=QSXCR+Q6sek8bf92,i=4096'],
    ['whose nonce has strange characters', 'r=nonce\u00e9,s=QSXCR+Q6sek8bf92,i=4096'],
    ['whose nonce has a blank', 'r=nonce x,s=QSXCR+Q6sek8bf92,i=4096'],
    ['without salt', 'r=nonceMORE,i=4096'],
    ['with an empty salt', 'r=nonceMORE,s=,i=4096'],
    ['with a salt that is not base64', 'r=nonceMORE,s=QSXCR+Q6sek8bf9,i=4096'],
    ['in another order', 's=QSXCR+Q6sek8bf92,r=nonceMORE,i=4096'],
    ['without count', START],
    ['with a count that is too low', `${START},i=4095`],
    ['with a count of nothing', `${START},i=0`],
    ['with a count below zero', `${START},i=-4096`],
    ['with a count that keeps us busy', `${START},i=600001`],
    ['with a count beyond all numbers', `${START},i=99999999999999999999`],
    ['with a count in other digits', `${START},i=4096.0`],
    ['with a count in words', `${START},i=0x1000`],
    ['with something behind it that is no attribute', `${START},i=4096,?`],
    ['with a NUL', `${START},i=4096,x=\0`],
    ['in no UTF-8', Buffer.concat([Buffer.from(`${START},i=4096,x=`), Buffer.from([0xff])])],
    ['that is a refusal', 'e=other-error'],
  ])('%s is refused', (_, challenge) => {
    expect(codeOf(() => step(challenge))).toBe('PROTOCOL_FAULT');
  });

  test('that demands an extension is refused', () => {
    expect(codeOf(() => step(`m=x,${START},i=4096`))).toBe('UNSUPPORTED');
  });

  test.each([4096, 600_000])('with a count of %d is answered', (count) => {
    expect(step(`${START},i=${count}`)).toBeInstanceOf(Buffer);
  });

  test('with an optional extension is answered, and the extension is signed', () => {
    expect(step(`${START},i=4096,x=any=thing`)).not.toEqual(step(`${START},i=4096`));
  });

  test('of any bytes is answered or refused as PROTOCOL_FAULT', () => {
    const fragment = fc.constantFrom('r=nonceMORE', ',', 's=QSXC', 'i=4096', 'i=', '=', 'x', '\0', '\u00ff', 'v=', 'e=');
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fragment, { maxLength: 12 }).map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
    );
    fc.assert(
      fc.property(noise, (data) => {
        expect(['no failure', 'PROTOCOL_FAULT']).toContain(codeOf(() => step(Buffer.from(data))));
      }),
      { numRuns: 2000, examples: [[new Uint8Array(Buffer.from(`${START},i=4096`))]] },
    );
  });
});

describe('names and passwords', () => {
  test.each([
    ['a,b=c', 'a=2Cb=3Dc'],
    ['=2C', '=3D2C'],
    [',,==', '=2C=2C=3D=3D'],
    ['müller', 'müller'],
  ])('%s is sent as %s', (username, sent) => {
    expect(Buffer.from(scramSha256.begin(account(username, 'pencil'), context('nonce')).start() as Uint8Array).toString()).toBe(`n,,n=${sent},r=nonce`);
  });

  /** What a server computes that keeps the password as it got it, as Cyrus SASL does: RFC 5802 §3, from the other side. */
  function accepts(username: string, stored: string, given: string): boolean {
    const exchange = scramSha256.begin(account(username, given), context('nonce'));
    const first = Buffer.from(exchange.start() as Uint8Array).toString().slice('n,,'.length);
    const challenge = 'r=nonceMORE,s=QSXCR+Q6sek8bf92,i=4096';
    const answer = Buffer.from(exchange.step(Buffer.from(challenge)) as Uint8Array).toString();
    const [final, proof] = answer.split(',p=') as [string, string];
    const mac = (key: Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
    const salted = pbkdf2Sync(stored, Buffer.from('QSXCR+Q6sek8bf92', 'base64'), 4096, 32, 'sha256');
    const storedKey = createHash('sha256').update(mac(salted, 'Client Key')).digest();
    const signature = mac(storedKey, `${first},${challenge},${final}`);
    const clientKey = Buffer.from(proof, 'base64').map((byte, index) => byte ^ (signature[index] as number));
    return createHash('sha256').update(clientKey).digest().equals(storedKey);
  }

  const passwords = ['pencil', 'p,w=d', 'pässwörd', 'e\u0301', '\u00e9', 'a\u00a0b', 'a\u00adb', '\ufb01x', '😀', 'a\tb', ' x '];

  test.each(passwords)('the password %j is used as it is', (password) => {
    expect(accepts('user', password, password)).toBe(true);
    expect(accepts('user', password, `${password}x`)).toBe(false);
  });

  test('and not prepared: what SASLprep makes equal stays different', () => {
    expect(accepts('user', '\ufb01x', 'fix')).toBe(false);
    expect(accepts('user', 'fix', '\ufb01x')).toBe(false);
  });
});

test.each([scramSha1, scramSha256, scramSha512])('$name shows its password nowhere', (mechanism) => {
  const exchange = mechanism.begin(account('user', PASSWORD), context('nonce'));
  const seen = [inspect(exchange, { depth: 10, showHidden: true })];
  for (const data of ['r=other', `r=nonceMORE,s=QSXCR+Q6sek8bf92,i=4096`, 'v=AAAA', 'e=invalid-proof']) {
    try {
      exchange.step(bytes(data));
    } catch (error) {
      seen.push(inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error));
    }
    seen.push(inspect(exchange, { depth: 10, showHidden: true }), JSON.stringify(exchange));
  }
  expect(seen.length).toBeGreaterThan(8);
  for (const one of seen) expect(one).not.toContain(PASSWORD);
});
