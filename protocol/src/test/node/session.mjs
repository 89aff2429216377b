// One session with a server: connect, wait for frames of a type, keep the connection alive.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { Decoder, decodeBody, decodeMessage, encode, encodeMessage } from './protocol.mjs';
import { WebSocketStream } from './websocket.mjs';

const VERSION = 1;
const HANDSHAKE_LIMIT = 4096;

export class Session {
  #socket;
  #decoder = new Decoder(HANDSHAKE_LIMIT);
  #received = [];
  #waiting = null;
  #failure = null;
  #heartbeat = null;
  #lastRequest = 0;

  /** High 32 bits of every nonce; never 0. */
  instance = randomBytes(4).readUInt32LE() || 1;

  /** A connection on which nothing was sent or received yet. */
  static open(host, port) {
    const session = new Session();
    session.#socket = /^wss?:/.test(host) ? new WebSocketStream(`${host}:${port}/freshet`) : net.connect(port, host);
    session.#socket.setNoDelay(true);
    session.#socket.on('data', bytes => session.#onData(bytes));
    session.#socket.on('error', e => session.#fail(e));
    session.#socket.on('close', () => session.#fail(new Error('the connection ended')));
    return session;
  }

  /** A session that the server has welcomed. */
  static async connect(host, port, token, instance) {
    const session = Session.open(host, port);
    session.instance = instance ?? session.instance;
    const hello = await session.receive('HELLO');
    if (hello.version_min > VERSION || !(hello.version_max >= VERSION)) {
      throw new Error(`the server speaks versions ${hello.version_min} to ${hello.version_max}, not ${VERSION}`);
    }
    session.send('CONNECT', { version: VERSION, token, instance: session.instance, client: 'freshet-node-check' });
    session.welcome = await session.receive('WELCOME');
    session.#decoder.maxFrameLength = session.welcome.max_frame_length;
    session.#heartbeat = setInterval(() => session.send('PING', {}), session.welcome.heartbeat_ms);
    return session;
  }

  send(type, body, kind = 0) {
    this.sendBytes(encode(type, body, kind));
  }

  sendBytes(bytes) {
    this.#socket.write(bytes);
  }

  /** The next frame, which must be of one of these types; an ERROR fails. */
  async receive(...types) {
    while (this.#received.length === 0) {
      if (this.#failure) {
        throw this.#failure;
      }
      await new Promise(resolve => { this.#waiting = resolve; });
    }
    const { type, body, kind, flags } = this.#received.shift();
    if (!types.includes(type)) {
      throw new Error(`${type} instead of ${types.join(' or ') || 'the end'}: ${JSON.stringify(body)}`);
    }
    return { ...body, type, kind, flags };
  }

  /**
   * Calls a method of a service, such as freshet.v1.Views/Pins with a ViewPins and a PinnedPosts. One call at a time; what else comes
   * meanwhile is an error. A refusal fails with the ERROR's code.
   */
  async request(method, requestType, request, answerType) {
    const number = String(++this.#lastRequest);
    this.send('REQUEST', { request: number, method, body: encodeMessage(requestType, request) });
    const answer = await this.receive('RESPONSE', 'ERROR');
    if (answer.request !== number) {
      throw new Error(`an answer to the request ${answer.request}; expected ${number}`);
    }
    if (answer.type === 'ERROR') {
      throw Object.assign(new Error(`${method} was refused with ${answer.code}: ${answer.message}`), { code: answer.code });
    }
    return decodeMessage(answerType, answer.body);
  }

  /** Waits until the server has ended the connection; anything that it sends before is an error. */
  async ended() {
    try {
      await this.receive();
    } catch (e) {
      if (e !== this.#failure) {
        throw e;
      }
    }
  }

  close() {
    clearInterval(this.#heartbeat);
    this.#socket.end();
  }

  #onData(bytes) {
    try {
      for (const frame of this.#decoder.push(bytes)) {
        const body = decodeBody(frame.type, frame.body);
        if (frame.type === 'PING') {
          this.send('PONG', body);
        } else if (frame.type !== 'PONG' || body.token) {
          this.#received.push({ type: frame.type, kind: frame.kind, flags: frame.flags, body });
        }
        if (frame.type === 'WELCOME') {
          this.#decoder.maxFrameLength = body.max_frame_length;
        }
      }
    } catch (e) {
      this.#fail(e);
      this.#socket.destroy();
    }
    this.#wake();
  }

  #fail(e) {
    this.#failure ??= e;
    clearInterval(this.#heartbeat);
    this.#wake();
  }

  #wake() {
    this.#waiting?.();
    this.#waiting = null;
  }
}
