// Frames of the Freshet protocol for Node: the header by hand, the bodies by protobufjs from the .proto file itself.
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const PROTOS = new URL('../../main/protobuf/', import.meta.url);
const root = new protobuf.Root();
// What is imported is named from there too.
root.resolvePath = (origin, target) => fileURLToPath(new URL(target, PROTOS));
// The frames, and what services are asked and answer.
root.loadSync(['freshet/v1/freshet.proto', 'freshet/v1/channel.proto', 'freshet/v1/chat.proto', 'freshet/v1/presence.proto'],
  { keepCase: true });

export const HEADER_LENGTH = 8;
export const IGNORABLE = 1;
export const ERASED = 2;

const TYPES = [null, 'HELLO', 'CONNECT', 'WELCOME', 'OPEN', 'OPENED', 'CLOSE', 'CLOSED', 'RECORD', 'PUBLISHED', 'GAP',
  'FETCH', 'PAGE', 'EPOCH', 'PING', 'PONG', 'GOAWAY', 'ERROR', 'SIGNAL'];
TYPES[19] = 'REQUEST';
TYPES[20] = 'RESPONSE';
TYPES[23] = 'RENEW';
TYPES[24] = 'RENEWED';
TYPES[25] = 'PUSH';

/** The Protobuf type of a frame type's body. */
export function bodyType(type) {
  const name = type === 'GOAWAY' ? 'GoAway' : type[0] + type.slice(1).toLowerCase();
  return root.lookupType(`freshet.v1.${name}`);
}

/** The bytes of a message of a service, by its name in the .proto files; values as in {@link encode}. */
export function encodeMessage(name, message) {
  const T = root.lookupType(`freshet.v1.${name}`);
  return Buffer.from(T.encode(T.fromObject(message)).finish());
}

/** A message of a service as a plain object, as {@link decodeBody} makes it, from bytes in base64. */
export function decodeMessage(name, base64) {
  const T = root.lookupType(`freshet.v1.${name}`);
  return T.toObject(T.decode(Buffer.from(base64 ?? '', 'base64')), { longs: String, enums: String, bytes: String });
}

/** A whole frame; 64-bit values of the body are strings, bytes are Buffers or base64. */
export function encode(type, body, kind = 0, flags = 0) {
  const T = bodyType(type);
  const bytes = T.encode(T.fromObject(body)).finish();
  const frame = Buffer.alloc(HEADER_LENGTH + bytes.length);
  frame.writeUInt32LE(bytes.length + 4, 0);
  frame.writeUInt8(TYPES.indexOf(type), 4);
  frame.writeUInt8(flags, 5);
  frame.writeUInt16LE(kind, 6);
  frame.set(bytes, HEADER_LENGTH);
  return frame;
}

/** The body as a plain object: 64-bit values as strings, enumerations as names, bytes as base64, absent fields absent. */
export function decodeBody(type, bytes) {
  const T = bodyType(type);
  return T.toObject(T.decode(bytes), { longs: String, enums: String, bytes: String });
}

/** Cuts received bytes into frames. */
export class Decoder {
  #pending = Buffer.alloc(0);

  constructor(maxFrameLength) {
    this.maxFrameLength = maxFrameLength;
  }

  /** Frames that these bytes complete: { type, flags, kind, body } with the body still encoded. */
  * push(bytes) {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#pending.length >= HEADER_LENGTH) {
      const length = this.#pending.readUInt32LE(0) + 4;
      if (length < HEADER_LENGTH || length > this.maxFrameLength) {
        throw new Error(`a frame of ${length} bytes; the limit is ${this.maxFrameLength}`);
      }
      if (this.#pending.length < length) {
        return;
      }
      const type = TYPES[this.#pending.readUInt8(4)];
      const flags = this.#pending.readUInt8(5);
      const kind = this.#pending.readUInt16LE(6);
      const body = this.#pending.subarray(HEADER_LENGTH, length);
      this.#pending = this.#pending.subarray(length);
      if (type) {
        yield { type, flags, kind, body };
      } else if ((flags & IGNORABLE) === 0) {
        throw new Error('a frame of unknown type');
      }
    }
  }
}
