import { type Clock, delay } from '@ferric/core';
import { failureText, openDownload, readText, type Trust } from '../wire/http.js';
import { runScript } from './interpreter.js';
import { type BootOutcome, Finished, type IpxeMachine } from './machine.js';
import { isScript } from './script.js';
import { Settings } from './settings.js';

export interface NetworkBootSettings {
  readonly macAddresses: readonly string[];
  readonly platform: 'pcbios' | 'efi';
  readonly scriptUrl: (macAddress: string) => string;
  readonly onScript: ((script: string, url: string) => void) | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly trust: Trust;
  /** `${serial}` and the like. */
  readonly identity: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
  readonly hasSystem: () => Promise<boolean>;
}

/** What came of it; without an outcome the firmware tries its next device. */
export interface NetworkBootResult {
  readonly outcome: BootOutcome | undefined;
  readonly why: string;
}

const USER_AGENT = 'iPXE/1.0.0';
/** Longest time without a byte from a server. Milliseconds. */
const IDLE_MS = 60_000;

/** Tries one network card after the other until a script ends well or boots something, as iPXE does by itself. */
export async function bootFromNetwork(settings: NetworkBootSettings): Promise<NetworkBootResult> {
  let why = 'the machine has no network card';
  for (const macAddress of settings.macAddresses) {
    const url = settings.scriptUrl(macAddress);
    const machine = createMachine(settings, macAddress, url);
    const script = await machine.fetch(url, 'text');
    if (script === undefined) {
      why = `there was no script for ${macAddress}`;
      continue;
    }
    if (!isScript(script)) {
      if (settings.platform === 'efi') {
        why = `what ${url} sent is no script`;
        continue;
      }
      return { outcome: { kind: 'hung', why: `what ${url} sent is no script, and was run as a program` }, why: '' };
    }
    settings.onScript?.(script, url);
    const end = await runScript(machine, script);
    if (!('status' in end)) return { outcome: end, why: '' };
    why = `the script for ${macAddress} ended with status ${end.status}`;
    if (end.status === 0) break;
  }
  return { outcome: undefined, why };
}

function createMachine(settings: NetworkBootSettings, macAddress: string, url: string): IpxeMachine {
  const { platform, clock, signal, tell, hasSystem } = settings;
  const cards = settings.macAddresses.map((address, index): [string, string] => [`net${index}/mac`, address]);
  return {
    platform,
    clock,
    signal,
    tell,
    hasSystem,
    images: [],
    commandCount: 0,
    baseUrl: url,
    settings: new Settings({
      ...settings.identity,
      ...Object.fromEntries(cards),
      mac: macAddress,
      'netX/mac': macAddress,
      platform,
      // A BIOS ROM is a 32 bit program, whatever the processor.
      buildarch: platform === 'efi' ? 'x86_64' : 'i386',
      version: '1.0.0',
      filename: url,
    }),
    fetch: (address, keep) => fetchAsFirmware(settings, address, keep),
  };
}

/** Downloads as iPXE does. Undefined for whatever is not a good answer. */
async function fetchAsFirmware({ signal, clock, trust, tell }: NetworkBootSettings, url: string, keep: 'text' | 'nothing'): Promise<string | undefined> {
  try {
    for (;;) {
      const answer = await openDownload({ method: 'GET', url, headers: { 'User-Agent': USER_AGENT }, trust, signal, idleMs: IDLE_MS });
      const { statusCode = 0, headers } = answer;
      // iPXE waits and asks again for ever when a busy server names a time.
      if (statusCode === 503 && headers['retry-after'] !== undefined) {
        answer.destroy();
        await delay((Number(headers['retry-after']) || 1) * 1000, { clock, signal });
        continue;
      }
      if (statusCode !== 200) {
        answer.destroy();
        tell(`${url}... No such file or directory (HTTP status ${statusCode})`);
        return undefined;
      }
      tell(`${url}... ok`);
      if (keep === 'text') return await readText(answer);
      for await (const _chunk of answer) signal.throwIfAborted();
      return '';
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Finished) throw error;
    tell(`${url}... ${failureText(error)}`);
    return undefined;
  }
}
