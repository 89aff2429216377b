// Frames over WebSocket, behind the few methods of a TCP socket that a session uses. Node 22 has a client; Node 20 has it
// with NODE_OPTIONS=--experimental-websocket.
import { EventEmitter } from 'node:events';

export class WebSocketStream extends EventEmitter {
  #socket;
  #unsent = [];

  constructor(url) {
    super();
    this.#socket = new WebSocket(url);
    this.#socket.binaryType = 'arraybuffer';
    this.#socket.onopen = () => this.#unsent.splice(0).forEach(bytes => this.#socket.send(bytes));
    this.#socket.onmessage = ({ data }) => this.#onMessage(data);
    this.#socket.onerror = () => this.emit('error', new Error(`WebSocket ${url} failed`));
    this.#socket.onclose = () => this.emit('close');
  }

  #onMessage(data) {
    const bytes = Buffer.from(data);
    let end = 0;
    while (end < bytes.length) {
      end += bytes.readUInt32LE(end) + 4;
    }
    if (end !== bytes.length) {
      this.emit('error', new Error('a message of the server ends within a frame'));
    }
    this.emit('data', bytes);
  }

  write(bytes) {
    if (this.#socket.readyState === WebSocket.CONNECTING) {
      this.#unsent.push(bytes);
    } else {
      this.#socket.send(bytes);
    }
  }

  setNoDelay() {}

  end() {
    this.#socket.close();
  }

  destroy() {
    this.#socket.close();
  }
}
