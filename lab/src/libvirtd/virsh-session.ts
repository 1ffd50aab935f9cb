import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { waitForSync } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { findTool } from '../system/tools.ts';
import type { PrivateLibvirtd } from './private-libvirtd.ts';

/**
 * One virsh that stays connected: it answers at once, without a process for each question, while everything else in this process stands still.
 * That is what a witness needs whose answer must belong to this very moment; and the test driver keeps its state while it is there.
 */
export interface VirshSession extends AsyncDisposable {
  /** Runs one command and yields what it printed. Fails with what virsh said. */
  command(...words: readonly string[]): string;
}

const ANSWER_LIMIT_MS = 60_000;
const CHUNK_BYTES = 65_536;
let sessions = 0;

/** Connects a virsh to one of the daemon's URIs. */
export async function openVirshSession(libvirtd: PrivateLibvirtd, uri: string): Promise<VirshSession> {
  sessions += 1;
  const [questions, answers] = ['in', 'out'].map((end) => join(libvirtd.directory, `virsh-${process.pid}-${sessions}-${end}`)) as [string, string];
  await run(findTool('mkfifo'), [questions, answers]);
  const pipes = openPipes(questions, answers);
  const child = spawn(findTool('virsh'), ['--quiet', '--connect', uri], {
    stdio: [pipes.childReads, pipes.childWrites, pipes.childWrites],
    env: { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'dumb', ...libvirtd.environment },
    detached: true,
  });
  const ended = once(child, 'close');
  closeSync(pipes.childReads);
  closeSync(pipes.childWrites);
  const { answer, close } = openConversation(pipes);
  const session: VirshSession = {
    command: (...words) => answer(words.map(quote).join(' ')),
    async [Symbol.asyncDispose]() {
      // Its input ends, and so does virsh.
      close();
      await ended;
      await Promise.all([rm(questions, { force: true }), rm(answers, { force: true })]);
    },
  };
  try {
    session.command('uri');
    return session;
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

interface Pipes {
  readonly childReads: number;
  readonly childWrites: number;
  readonly write: number;
  readonly read: number;
}

/** Opening one end of a named pipe waits for the other, unless somebody has both. */
function openPipes(questions: string, answers: string): Pipes {
  const both = [questions, answers].map((path) => openSync(path, constants.O_RDWR));
  const pipes = {
    childReads: openSync(questions, constants.O_RDONLY),
    childWrites: openSync(answers, constants.O_WRONLY),
    write: openSync(questions, constants.O_WRONLY),
    read: openSync(answers, constants.O_RDONLY | constants.O_NONBLOCK),
  };
  for (const descriptor of both) closeSync(descriptor);
  return pipes;
}

/** Asks and reads. Between answers virsh repeats what it was asked; a mark that it is told to print shows where an answer ends. */
function openConversation(pipes: Pipes): { answer(command: string): string; close(): void } {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let questions = 0;
  let closed = false;
  const readMore = (): string | undefined => {
    try {
      return chunk.toString('utf8', 0, readSync(pipes.read, chunk));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
      throw error;
    }
  };
  return {
    answer(command) {
      questions += 1;
      const mark = `answered-${questions}`;
      const question = `${command}\necho ${mark}\n`;
      writeSync(pipes.write, question);
      let said = '';
      waitForSync(`virsh to answer: ${command}`, () => {
        for (let more = readMore(); more !== undefined; more = readMore()) {
          if (more === '') throw new Error(`virsh ended: ${said}`);
          said += more;
        }
        return said.includes(`\n${mark}`) ? true : undefined;
      }, { timeoutMs: ANSWER_LIMIT_MS, intervalMs: 1 });
      return takeAnswer(said, command, mark);
    },
    close() {
      if (closed) return;
      closed = true;
      closeSync(pipes.write);
      closeSync(pipes.read);
    },
  };
}

/** What it tells by the way when the daemon was restarted. */
const CONNECTION_NEWS = /^error: (?:Disconnected from|Reconnected to) .*$/gm;

/** What stands between the question and the mark, as virsh prints it without a terminal. */
function takeAnswer(said: string, command: string, mark: string): string {
  const begin = said.indexOf(`${command}\n`) + command.length + 1;
  const end = said.indexOf(`echo ${mark}\n`);
  const text = said.slice(begin, end).replace(/\n?virsh [#>] $/, '').replace(CONNECTION_NEWS, '').trim();
  if (/^error: /m.test(text)) throw new Error(`virsh ${command}: ${text}`);
  return text;
}

function quote(word: string): string {
  return /^[A-Za-z0-9_./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
