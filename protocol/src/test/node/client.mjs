// A small Freshet client for the command line, written from PROTOCOL.md and the .proto file alone.
import process from 'node:process';
import { ERASED } from './protocol.mjs';
import { Session } from './session.mjs';
import { checkHostile } from './hostile.mjs';
import { checkServices } from './services.mjs';
import { checkHostileWebSocket } from './hostile-websocket.mjs';
import { checkVectors } from './vectors.mjs';

const USAGE = `usage: node client.mjs publish HOST PORT CHANNEL LINE...   one message a line, each acknowledged
       node client.mjs read HOST PORT CHANNEL COUNT       the first COUNT messages, one a line
       node client.mjs call HOST PORT METHOD REQUEST-TYPE JSON ANSWER-TYPE   calls a method of a service, prints its answer
       node client.mjs services HOST PORT CHANNEL         makes the channel, reads its views, and checks the answers
       node client.mjs vectors DIR                        compares the test vectors with protobufjs
       node client.mjs hostile HOST PORT DIR              sends a server what it must refuse, and checks its answers
       node client.mjs hostile-websocket URL              breaks the rules of WebSocket, and checks the close codes
The token is taken from FRESHET_TOKEN; without it the name "node" is sent.`;

const TOKEN = Buffer.from(process.env.FRESHET_TOKEN ?? 'node');

const connect = (host, port) => Session.connect(host, Number(port), TOKEN);

async function publish(host, port, name, ...lines) {
  const session = await connect(host, port);
  session.send('OPEN', { request: '1', name, create: true });
  const { channel, nonce_counter: accepted = 0 } = await session.receive('OPENED');
  const window = session.welcome.max_in_flight;
  let sent = 0;
  let answered = 0;
  let last = '0';
  while (answered < lines.length) {
    while (sent < lines.length && sent - answered < window) {
      const nonce = (BigInt(session.instance) << 32n) + BigInt(accepted + ++sent);
      const record = { channel, nonce: String(nonce), payload: Buffer.from(lines[sent - 1]) };
      // Every other record is canonical; the rest leave out what the server owns, which it then adds.
      session.send('RECORD', sent % 2 ? record : { ...record, sequence: '0', timestamp_us: '0', sender: '0' });
    }
    const receipt = await session.receive('PUBLISHED');
    const expected = (BigInt(session.instance) << 32n) + BigInt(accepted + answered + 1);
    if (BigInt(receipt.first_nonce) !== expected) {
      throw new Error(`a receipt from nonce ${receipt.first_nonce}; expected ${expected}`);
    }
    answered += receipt.count;
    last = String(BigInt(receipt.first_sequence) + BigInt(receipt.count - 1));
  }
  session.close();
  console.error(`published ${lines.length}, last sequence ${last}`);
}

async function read(host, port, name, count) {
  const session = await connect(host, port);
  session.send('OPEN', { request: '1', name, cursor: { after: { sequence: '0' } } });
  const { channel, next } = await session.receive('OPENED');
  for (let i = 0; i < Number(count); i++) {
    const record = await session.receive('RECORD');
    const expected = String(BigInt(next) + BigInt(i));
    if (record.channel !== channel || record.sequence !== expected) {
      throw new Error(`sequence ${record.sequence} of channel ${record.channel}; expected ${expected} of ${channel}`);
    }
    const isErased = (record.flags & ERASED) !== 0;
    console.log(isErased ? '(erased)' : Buffer.from(record.payload, 'base64').toString());
  }
  session.close();
}

async function call(host, port, method, requestType, json, answerType) {
  const session = await connect(host, port);
  const answer = await session.request(method, requestType, JSON.parse(json), answerType);
  console.log(JSON.stringify(answer));
  session.close();
}

const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'publish' && args.length >= 4) {
    await publish(...args);
  } else if (command === 'read' && args.length === 4) {
    await read(...args);
  } else if (command === 'call' && args.length === 6) {
    await call(...args);
  } else if (command === 'services' && args.length === 3) {
    const session = await connect(args[0], args[1]);
    const answered = await checkServices(session, args[2]);
    session.close();
    console.error(`services: ${answered} calls answered as CHAT.md says`);
  } else if (command === 'vectors' && args.length === 1) {
    const { compared, all } = checkVectors(args[0]);
    console.error(`vectors: ${compared} of ${all} have a value; all of them agree`);
  } else if (command === 'hostile' && args.length === 3) {
    const { passed, failures } = await checkHostile(args[0], Number(args[1]), TOKEN, args[2]);
    failures.forEach(failure => console.error(failure));
    console.error(`hostile: ${passed} answered as the vectors say, ${failures.length} not`);
    process.exitCode = failures.length === 0 ? 0 : 1;
  } else if (command === 'hostile-websocket' && args.length === 1) {
    const { passed, failures } = await checkHostileWebSocket(args[0]);
    failures.forEach(failure => console.error(failure));
    console.error(`hostile WebSocket: ${passed} ended as RFC 6455 says, ${failures.length} not`);
    process.exitCode = failures.length === 0 ? 0 : 1;
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
} catch (e) {
  console.error(`freshet-node-check: ${e.message}`);
  process.exit(1);
}
