import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBench, type HandConsole, type HandSession, hex, request } from './hand-console.js';

// Whatever comes, the BMC neither fails nor hangs, and answers a datagram with no more than a few.

const MOST_ANSWERS = 3;
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });

function expectFew(peer: HandConsole, datagram: Uint8Array): void {
  peer.send(datagram);
  expect(peer.take().length).toBeLessThanOrEqual(MOST_ANSWERS);
}

test('arbitrary datagrams', () => {
  const peer = createBench().console();
  fc.assert(fc.property(bytes(80), (datagram) => expectFew(peer, datagram)), { numRuns: 2000 });
});

test.each(['0600ff06', '0600ff07', '0600ff0706', '0600ff0700', '0600ff0702', '0600ff07061000000000000000002000', '0600ff07061200000000000000002100', '0600ff07061400000000000000001c00'])(
  'arbitrary bytes behind %s',
  (head) => {
    const peer = createBench().console();
    fc.assert(fc.property(bytes(60), (rest) => expectFew(peer, Buffer.concat([hex(head), rest]))), { numRuns: 1000 });
  },
);

describe('in a session', () => {
  const inSession = (run: (own: HandSession) => void): void => run(createBench({ power: 'power on' }).session());

  test('arbitrary commands with arbitrary data are answered or dropped', () => {
    const command = fc.tuple(fc.constantFrom(0x00, 0x04, 0x06, 0x0a, 0x0c, 0x2c, 0x30), fc.integer({ min: 0, max: 0x60 }), bytes(40));
    let bench = createBench();
    let own = bench.session();
    fc.assert(
      fc.property(command, ([netFn, code, data]) => {
        // Some end the session, as they should.
        if (bench.bmc.sessions.find(own.bmcId.readUInt32LE()) === undefined) {
          bench = createBench();
          own = bench.session();
        }
        own.rqSeq = (own.rqSeq + 1) % 64;
        expectFew(own.console, own.seal(request(netFn, code, [...data], own.rqSeq)));
      }),
      { numRuns: 5000 },
    );
  });

  test('arbitrary payloads of each type', () => {
    inSession((own) => {
      own.console.send(own.packet(0x06, 0x48, [...hex('0101c6000000')]));
      own.console.take();
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 0x3f }), bytes(80), (payloadType, payload) => expectFew(own.console, own.seal(payload, own.sequence++, payloadType))),
        { numRuns: 2000 },
      );
    });
  });

  test('packets cut off anywhere', () => {
    inSession((own) => {
      const whole = own.packet(0x06, 0x01);
      for (let length = 0; length < whole.length; length += 1) {
        own.console.send(whole.subarray(0, length));
        expect(own.console.take()).toEqual([]);
      }
      expect(own.console.exchange(whole).length).toBeGreaterThan(0);
    });
  });
});
