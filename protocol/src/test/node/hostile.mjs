// Sends a running server the vectors that it must refuse, skip or re-encode, each on a connection of its own, and checks
// what it answers, that it ends the connection when it must, and that it goes on when it must.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { randomUUID } from 'node:crypto';
import { encode } from './protocol.mjs';
import { Session } from './session.mjs';
import { readVectors } from './vectors.mjs';

const INSTANCE = 0x5eed1234;
const VECTOR_CHANNEL = '3';
const TIMEOUT_MS = 10_000;

/** A re-encoded record that does not reach the channel that was opened: what the server answers instead. */
const REFUSED_AFTER_REENCODING = {
  'duplicate-channel-after-the-payload': 'NOT_OPEN',
  'body-empty': 'NOT_OPEN',
  'duplicate-nonce-after-the-payload': 'NONCE_JUMP',
};

/** Returns how many vectors passed and one line for each that did not. */
export async function checkHostile(host, port, token, directory) {
  const codes = errorCodes(new URL('../../../PROTOCOL.md', import.meta.url));
  const vectors = readVectors(directory).filter(vector => vector.from === 'client'
    && ['reject', 'refuse', 'skip', 'reencode'].includes(vector.expect.split(' ')[0]));
  const failures = [];
  for (const vector of vectors) {
    try {
      await withTimeout(check(host, port, token, vector, codes));
    } catch (e) {
      failures.push(`${vector.file}, ${vector.name}, expect ${vector.expect}: ${e.message.replace(/\s+/g, ' ')}`);
    }
  }
  return { passed: vectors.length - failures.length, failures };
}

async function check(host, port, token, vector, codes) {
  const isHandshake = vector.when === 'handshake';
  const session = isHandshake ? Session.open(host, port) : await Session.connect(host, port, token, INSTANCE);
  try {
    let opened;
    if (isHandshake) {
      await session.receive('HELLO');
    } else {
      session.send('OPEN', { request: '1', name: `hostile-${randomUUID()}`, cursor: { live: {} }, create: true });
      opened = await session.receive('OPENED');
    }
    session.sendBytes(opened ? withChannel(vector.bytes, opened.channel) : vector.bytes);
    const [outcome, name] = vector.expect.split(' ');
    const refusal = name ?? REFUSED_AFTER_REENCODING[vector.name];
    if (refusal) {
      const error = await session.receive('ERROR');
      assert.equal(error.code, codes.get(refusal), `code ${error.code}, "${error.message}"`);
      if (isHandshake || error.code >= 600) {
        return await session.ended();
      }
    } else if (outcome === 'reencode') {
      await checkDelivered(session, vector, opened);
    }
    session.send('PING', { token: '7' });
    assert.equal((await session.receive('PONG')).token, '7');
  } finally {
    session.close();
  }
}

/** The record comes back with what the vector states, and with nothing of what only the server may say. */
async function checkDelivered(session, vector, opened) {
  const stated = { nonce: '0', payload: '', ...JSON.parse(vector.value) };
  const frames = [await session.receive('RECORD', 'PUBLISHED'), await session.receive('RECORD', 'PUBLISHED')];
  const record = frames.find(frame => frame.type === 'RECORD');
  const receipt = frames.find(frame => frame.type === 'PUBLISHED');
  assert.equal(record.channel, opened.channel);
  assert.equal(record.sequence, opened.next);
  assert.equal(record.sender, session.welcome.principal ?? '0');
  assert.ok(BigInt(record.timestamp_us) > 1_000_000n, 'no time');
  assert.equal(record.nonce, stated.nonce);
  assert.equal(record.flags, 0);
  assert.equal(record.kind, Number(vector.kind ?? 0));
  const canonical = encode('RECORD', { payload: record.payload }).subarray(8);
  assert.ok(vector.canonical.subarray(8).indexOf(canonical) === 45, 'another payload');
  assert.equal(receipt.first_nonce, stated.nonce);
  assert.equal(receipt.first_sequence, opened.next);
}

/** The vector's bytes with the channel that was opened in the place of the one that vectors speak of. */
function withChannel(bytes, channel) {
  const value = id => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt(id)); return b; };
  const changed = Buffer.from(bytes);
  for (const tag of [0x09, 0x11]) {
    const at = changed.indexOf(Buffer.concat([Buffer.of(tag), value(VECTOR_CHANNEL)]));
    if (at >= 0) {
      value(channel).copy(changed, at + 1);
      return changed;
    }
  }
  return changed;
}

/** The numbers of the error codes, from the table in PROTOCOL.md. */
function errorCodes(page) {
  const rows = fs.readFileSync(page, 'utf8').matchAll(/^\| (\d{3}) \| ([A-Z_]+) \|/gm);
  return new Map([...rows].map(([, number, name]) => [name, Number(number)]));
}

function withTimeout(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
