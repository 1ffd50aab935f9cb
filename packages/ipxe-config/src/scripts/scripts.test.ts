import { describe, expect, test } from 'vitest';
import { runScript } from '../../test/ipxe-model.js';
import { API } from '../../test/nodes.js';
import { entryScript, errorScript } from '../index.js';

describe('errorScript', () => {
  const closed = errorScript({ reference: 'req-1', allowShell: false });
  const open = errorScript({ reference: 'req-1', allowShell: true });

  test('begins with what iPXE knows a script by, shows the reference and ends with exit 1', () => {
    expect(closed).toBe(`#!ipxe
echo Ferric has nothing to boot for this machine now.
echo The log of the conductor tells why. Reference: req-1
prompt --timeout 10000 Press any key to go on, or wait 10 seconds ||
exit 1
`);
    for (const script of [closed, open]) {
      const run = runScript(script);
      expect(run).toMatchObject({ end: 'exit', code: 1, seconds: 10 });
      expect(run.output).toContain('The log of the conductor tells why. Reference: req-1');
    }
  });

  test('opens a shell only when that is allowed and a key was pressed', () => {
    expect(runScript(open, { keyPressed: true }).end).toBe('shell');
    expect(runScript(open, { keyPressed: true, without: ['shell'] })).toMatchObject({ end: 'exit', code: 1 });
    expect(runScript(closed, { keyPressed: true })).toMatchObject({ end: 'exit', code: 1, seconds: 0 });
    expect(closed).not.toContain('shell');
  });

  test.each(['', '-n', 'a b', 'x'.repeat(65), '../x', 5 as unknown as string])('refuses the reference %j', (reference) => {
    expect(() => errorScript({ reference, allowShell: false })).toThrow('reference must be');
  });
});

describe('entryScript', () => {
  const script = entryScript({ apiUrl: `${API}/`, driver: 'staging-wol' });
  const cards = { 'net0/mac': '52:54:00:00:00:01', 'net1/mac': '52:54:00:00:00:02' };
  const asked = (url: string): string | undefined => /^http:\/\/192\.0\.2\.1:6385\/v1\/drivers\/staging-wol\/vendor_passthru\/ipxe_config\?port_address=(.*)$/.exec(url)?.[1];

  test('is the whole text', () => {
    expect(script).toBe(`#!ipxe
set n:int32 -1
:next
inc n
isset \${net\${n}/mac} || goto none
chain http://192.0.2.1:6385/v1/drivers/staging-wol/vendor_passthru/ipxe_config?port_address=\${net\${n}/mac} || goto next
exit 0
:none
echo Ferric knows no network card of this machine, or has nothing to boot for it now.
sleep 30
exit 1
`);
  });

  test('asks for each card in turn, past error scripts and failures, until one boots', () => {
    const answers = new Map([['52:54:00:00:00:01', errorScript({ reference: 'req-1', allowShell: false })], ['52:54:00:00:00:02', '#!ipxe\nsanboot x\n']]);
    const run = runScript(script, { settings: cards, fetch: (url) => answers.get(asked(url) ?? '') ?? 'missing' });
    expect(run.end).toBe('sanboot');
    expect(run.trace.filter(([name]) => name === 'chain').map(([, url = '']) => asked(url))).toEqual(['52:54:00:00:00:01', '52:54:00:00:00:02']);
  });

  test('ends with 0 after a script that ended so, and with 1 when no card is known', () => {
    expect(runScript(script, { settings: cards, fetch: () => '#!ipxe\nexit 0\n' })).toMatchObject({ end: 'exit', code: 0 });
    expect(runScript(script, { settings: cards })).toMatchObject({ end: 'exit', code: 1, seconds: 30 });
  });

  test.each([
    ['apiUrl', { apiUrl: 'ftp://192.0.2.1', driver: 'x' }], ['apiUrl', { apiUrl: 'http://192.0.2.1/?a', driver: 'x' }], ['apiUrl', { apiUrl: 'http://192.0.2.1/?', driver: 'x' }],
    ['apiUrl', { apiUrl: 'http://u:p@192.0.2.1/', driver: 'x' }], ['apiUrl', { apiUrl: 'http:192.0.2.1', driver: 'x' }], ['driver', { apiUrl: API, driver: '../nodes' }],
  ])('refuses a wrong %s', (field, options) => {
    expect(() => entryScript(options)).toThrow(`${field} must be`);
  });
});
