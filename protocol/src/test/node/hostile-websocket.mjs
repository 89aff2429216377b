// Breaks the rules of WebSocket (RFC 6455) on one connection after the other and checks how the server ends each: with an ERROR, the close code
// that the RFC names, and the end of the stream. The upgrade is Node's own HTTP client; the frames are made by hand.
import assert from 'node:assert/strict';
import http from 'node:http';
import { randomBytes, createHash } from 'node:crypto';
import { Decoder, decodeBody } from './protocol.mjs';

const TIMEOUT_MS = 10_000;
const WEBSOCKET_BREACH = 609;
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'; // RFC 6455, 1.3
const BINARY = 0x82;
const BEGUN_BINARY = 0x02;
const CONTINUATION = 0x80;
const TEXT = 0x81;
const CLOSE = 0x88;
const PING = 0x89;
const PONG = 0x8a;
const CONNECT_TYPE = Buffer.from([4, 0, 0, 0, 2, 0, 0, 0]); // a whole frame of Freshet, without a body

/** Frames that no client may send, and the close code that each must be answered with. */
const BREACHES = [
  ['a frame without a mask', 1002, [unmasked(BINARY, CONNECT_TYPE)]],
  ['an empty frame without a mask', 1002, [unmasked(BINARY, Buffer.alloc(0))]],
  ['reserved bit 1', 1002, [masked(0xc2, CONNECT_TYPE)]],
  ['reserved bit 2', 1002, [masked(0xa2, CONNECT_TYPE)]],
  ['reserved bit 3', 1002, [masked(0x92, CONNECT_TYPE)]],
  ['a ping with a reserved bit', 1002, [masked(0xc9, Buffer.alloc(0))]],
  ['an unknown opcode of data', 1002, [masked(0x83, CONNECT_TYPE)]],
  ['an unknown opcode of control', 1002, [masked(0x8b, Buffer.alloc(0))]],
  ['a ping of 126 bytes', 1002, [masked(PING, Buffer.alloc(126))]],
  ['a close frame of 126 bytes', 1002, [masked(CLOSE, Buffer.alloc(126))]],
  ['a ping in pieces', 1002, [masked(0x09, Buffer.alloc(1))]],
  ['a continuation of nothing', 1002, [masked(CONTINUATION, CONNECT_TYPE)]],
  ['a continuation behind a whole message', 1002, [masked(BINARY, Buffer.alloc(0)), masked(CONTINUATION, CONNECT_TYPE)]],
  ['a message within a message', 1002, [masked(BEGUN_BINARY, CONNECT_TYPE.subarray(0, 4)), masked(BINARY, CONNECT_TYPE)]],
  ['a length of 16 bits that fits 7', 1002, [Buffer.from([BINARY, 0xfe, 0, 5, 0, 0, 0, 0])]],
  ['a length of 64 bits that fits 16', 1002, [Buffer.from([BINARY, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0])]],
  ['a length with its highest bit', 1002, [Buffer.from([BINARY, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]],
  ['text', 1003, [masked(TEXT, Buffer.from('{"type":"CONNECT"}'))]],
  ['a message of more than 1 MiB', 1009, [Buffer.from([BINARY, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 1, 0, 0, 0, 0])]],
];

/** Codes in a close frame of the client, and what it is answered: the same one if it may be sent (RFC 6455, 7.4), otherwise 1002. */
const CLOSES = [
  [Buffer.alloc(0), 1000],
  [code(1000), 1000],
  [Buffer.concat([code(1001), Buffer.from('going')]), 1001],
  [code(3000), 3000],
  [code(4999), 4999],
  [Buffer.from([3]), 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65535].map(bad => [code(bad), 1002]),
];

/** Requests that are no upgrade, and the status that each must be answered with. */
const REFUSALS = [
  ['another path', 404, { path: '/elsewhere' }],
  ['a POST', 405, { method: 'POST' }],
  ['no key', 400, { headers: { 'Sec-WebSocket-Key': undefined } }],
  ['a key of 15 bytes', 400, { headers: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') } }],
  ['version 8', 426, { headers: { 'Sec-WebSocket-Version': '8' } }],
  ['no version', 426, { headers: { 'Sec-WebSocket-Version': undefined } }],
  ['another upgrade', 426, { headers: { Upgrade: 'h2c' } }],
  ['a page of another host', 403, { headers: { Origin: 'https://elsewhere.example' } }],
  ['a body', 400, { headers: { 'Content-Length': '5' } }],
];

function code(number) {
  return Buffer.from([number >> 8, number & 0xff]);
}

function unmasked(first, payload) {
  return Buffer.concat([Buffer.from([first, payload.length]), payload]);
}

function masked(first, payload) {
  const mask = randomBytes(4);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0xfe, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([first, ...length]), mask, payload.map((byte, i) => byte ^ mask[i % 4])]);
}

/** Returns how many were answered rightly and one line for each that was not. */
export async function checkHostileWebSocket(url) {
  const cases = [
    ...BREACHES.map(([what, expected, frames]) => [what, () => checkBreach(url, frames, expected)]),
    ...CLOSES.map(([payload, expected]) => [`a close frame with ${payload.toString('hex') || 'nothing'}`,
      () => checkClose(url, payload, expected)]),
    ...REFUSALS.map(([what, status, changes]) => [what, () => checkRefusal(url, changes, status)]),
    ['a ping in the middle of a message', () => checkPong(url)],
  ];
  const failures = [];
  for (const [what, check] of cases) {
    try {
      await check();
    } catch (e) {
      failures.push(`${what}: ${e.message.replace(/\s+/g, ' ')}`);
    }
  }
  return { passed: cases.length - failures.length, failures };
}

async function checkBreach(url, frames, expected) {
  const { messages, closeCode } = await conversation(url, frames);
  assert.equal(closeCode, expected);
  const last = messages.at(-1);
  assert.equal(last?.type, 'ERROR');
  assert.equal(decodeBody(last.type, last.body).code, WEBSOCKET_BREACH);
}

async function checkClose(url, payload, expected) {
  const { messages, closeCode } = await conversation(url, [masked(CLOSE, payload)]);
  assert.equal(closeCode, expected);
  assert.deepEqual(messages.map(message => message.type), ['HELLO']);
}

/** A control frame may come between the pieces of a message, and is answered with the same payload. */
async function checkPong(url) {
  const payload = randomBytes(125);
  const { pongs } = await conversation(url, [
    masked(BEGUN_BINARY, CONNECT_TYPE.subarray(0, 3)), masked(PING, payload), masked(CLOSE, code(1000))]);
  assert.deepEqual(pongs, [payload]);
}

async function checkRefusal(url, changes, status) {
  const { response, socket } = await ask(url, changes);
  socket?.destroy();
  assert.equal(response.statusCode, status);
}

/** Asks for a WebSocket; what else is asked for than is right stands in {@code changes}. */
function ask(url, changes = {}) {
  const { hostname, port, pathname } = new URL(url);
  const key = randomBytes(16).toString('base64');
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key, ...changes.headers };
  for (const name of Object.keys(headers)) {
    if (headers[name] === undefined) {
      delete headers[name];
    }
  }
  return new Promise((resolve, reject) => {
    const request = http.request({ hostname, port, path: changes.path ?? pathname, method: changes.method ?? 'GET', headers, agent: false });
    request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error('no answer')));
    request.on('response', response => { response.resume(); resolve({ response }); });
    request.on('upgrade', (response, socket, head) => {
      const accept = createHash('sha1').update(key + GUID).digest('base64');
      assert.equal(response.headers['sec-websocket-accept'], accept);
      resolve({ response, socket, head });
    });
    request.on('error', reject);
    if (changes.headers?.['Content-Length']) {
      request.write('hello');
    }
    request.end();
  });
}

/** Sends frames behind a right upgrade and reads on to the end of the stream: the server's messages, its pongs and its close code. */
async function conversation(url, frames) {
  const { socket, head } = await ask(url);
  assert.ok(socket, 'no WebSocket');
  const received = [head];
  await new Promise((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, () => reject(new Error('the server does not end the connection')));
    socket.on('data', bytes => received.push(bytes));
    socket.on('end', resolve);
    socket.on('error', reject);
    frames.forEach(frame => socket.write(frame));
  }).finally(() => socket.destroy());
  return read(Buffer.concat(received));
}

/** Takes what a server has sent apart; throws when a server may not send it. */
function read(stream) {
  const decoder = new Decoder(1 << 20);
  const messages = [];
  const pongs = [];
  let closeCode = null;
  for (let at = 0; at < stream.length;) {
    const first = stream[at];
    const short = stream[at + 1];
    assert.equal(closeCode, null, 'a frame behind the close frame');
    assert.equal(short & 0x80, 0, 'a masked frame');
    assert.notEqual(short, 127, 'a frame of more than 65,535 bytes');
    const begin = at + (short === 126 ? 4 : 2);
    const end = begin + (short === 126 ? stream.readUInt16BE(at + 2) : short);
    assert.ok(end <= stream.length, 'a frame that is cut off');
    const payload = stream.subarray(begin, end);
    if (first === BINARY) {
      messages.push(...decoder.push(payload));
    } else if (first === PONG) {
      pongs.push(Buffer.from(payload));
    } else {
      assert.equal(first, CLOSE, `a frame that begins with ${first}`);
      closeCode = payload.readUInt16BE(0);
    }
    at = end;
  }
  return { messages, pongs, closeCode };
}
