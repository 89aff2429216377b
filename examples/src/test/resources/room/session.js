// A connection to a Freshet server: requests that are answered, and what the server pushes.
import { cut, decode, encode, frame, frames, types } from './wire.js';

const VERSION = 1;
const PACKAGE = 'freshet.v1.';

/** What the server refused, with the code of PROTOCOL.md. */
export class Refused extends Error {
  constructor(code, message, retryAfterMs) {
    super(`${code}: ${message}`);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }

  /** It was not processed, and may be sent again after retryAfterMs. */
  get isForNow() {
    return this.code >= 200 && this.code < 300;
  }
}

export class Session {
  #socket;
  #waiting = new Map();
  #handlers = new Map();
  #lastRequest = 0n;
  #ended;
  /** Settles when the connection has ended. */
  ended = new Promise((resolve) => { this.#ended = resolve; });

  /** Resolves to a session that the server has welcomed. */
  static open(address, token) {
    return new Promise((resolve, reject) => {
      const session = new Session();
      const socket = new WebSocket(address);
      socket.binaryType = 'arraybuffer';
      session.#socket = socket;
      let heartbeat;
      const fail = (error) => {
        clearInterval(heartbeat);
        reject(error);
        session.#waiting.forEach((waiting) => waiting.reject(error));
        session.#waiting.clear();
        session.#ended();
      };
      socket.onclose = (event) => fail(new Error('the connection has ended with ' + event.code));
      socket.onmessage = (event) => cut(event.data, (type, body) => {
        if (type === frames.HELLO) {
          const instance = crypto.getRandomValues(new Uint32Array(1))[0] | 1;
          session.#send(frames.CONNECT, types.Connect, {
            version: VERSION, token: new TextEncoder().encode(token), instance: instance >>> 0, client: 'room page',
          });
        } else if (type === frames.WELCOME) {
          const welcome = decode(types.Welcome, body);
          heartbeat = setInterval(() => session.#send(frames.PING, types.Ping, { token: 1n }), welcome.heartbeatMs);
          resolve(session);
        } else {
          session.#onFrame(type, body, fail);
        }
      });
    });
  }

  #onFrame(type, body, fail) {
    if (type === frames.PING) {
      this.#send(frames.PONG, types.Ping, decode(types.Ping, body));
    } else if (type === frames.RESPONSE) {
      const response = decode(types.Response, body);
      this.#take(response.request)?.resolve(response.body);
    } else if (type === frames.ERROR) {
      const error = decode(types.Error, body);
      const refused = new Refused(error.code, error.message, error.retryAfterMs);
      if (error.request === 0n) fail(refused);
      else this.#take(error.request)?.reject(refused);
    } else if (type === frames.PUSH) {
      const push = decode(types.Push, body);
      const name = push.type.slice(PACKAGE.length);
      this.#handlers.get(name)?.(decode(types[name], push.body));
    }
  }

  #take(request) {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    return waiting;
  }

  #send(frameType, type, message) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame(frameType, encode(type, message)));
  }

  /** Calls a method of a service; resolves to its answer. */
  request(method, type, message, answerType) {
    const request = ++this.#lastRequest;
    return new Promise((resolve, reject) => {
      this.#waiting.set(request, { resolve: (body) => resolve(decode(answerType, body)), reject });
      this.#send(frames.REQUEST, types.Request, { request, method: PACKAGE + method, body: encode(type, message) });
    });
  }

  /** Has messages of this name handed on that the server pushes. */
  onPush(name, handler) {
    this.#handlers.set(name, handler);
  }

  close() {
    this.#socket.close();
  }
}
