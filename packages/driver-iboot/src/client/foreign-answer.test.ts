import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { beginsLikeText, describeForeignAnswer } from './foreign-answer.js';

test.each([
  ['\u001BiBoot>', /older text protocol/],
  ['\u001B', /older text protocol/],
  ['iBootHB,1,2', /heartbeat of an iBootBar/],
  ['HTTP/1.1 400 Bad Request', /web server/],
  ['<!DOCTYPE html>', /web server/],
  ['<html>', /web server/],
  ['SSH-2.0-OpenSSH_9.2', /SSH server/],
  ['\u00FF\u00FD\u0018', /Telnet server/],
  ['\u0015\u0003\u0001\0\u0002', /TLS server/],
  ['\0\u0002Dataprobe', /iBoot of another generation/],
  ['Username: ', /speaks text/],
])('%j is recognised', (text, what) => {
  const found = describeForeignAnswer(Buffer.from(text, 'latin1'));
  expect(found?.what).toMatch(what);
  expect(found?.hint).toMatch(/port/);
});

test.each(['', '01', '0001', 'd204', '4f4b', 'ffff', '1703', '010001010101', 'de07ffee'])('the bytes %s are nothing known', (digits) => {
  expect(describeForeignAnswer(Buffer.from(digits, 'hex'))?.what).toBe(digits === '1703' ? 'a TLS server' : undefined);
});

test.each([
  ['4f4b', true],
  ['0d0a', true],
  ['1b69', true],
  ['fffd', true],
  ['d204', false],
  ['0141', false],
])('two bytes %s could be the beginning of a text: %s', (digits, expected) => {
  expect(beginsLikeText(Buffer.from(digits, 'hex'))).toBe(expected);
});
