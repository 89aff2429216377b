// Freshet's frames and the messages of rooms, as PROTOCOL.md and room.proto have them. A message is an object; of its
// fields only those named below are known. 64-bit numbers are BigInt.

const member = {
  peer: [1, 'fixed64'], principal: [2, 'fixed64'], name: [3, 'string'],
  state: [4, { muted: [1, 'bool'], deafened: [2, 'bool'], speaking: [3, 'bool'], video: [4, 'bool'], screen: [5, 'bool'] }],
  maySpeak: [5, 'bool'], away: [6, 'bool'],
};
const update = {
  channel: [1, 'fixed64'], version: [2, 'fixed64'], whole: [3, 'bool'], members: [4, member, 'repeated'],
  left: [5, 'fixed64', 'repeated'], capacity: [6, 'uint'], video: [7, 'bool'], screen: [8, 'bool'],
};
const iceServer = { urls: [1, 'string', 'repeated'], username: [2, 'string'], credential: [3, 'string'], expiresInMs: [4, 'uint'] };

export const types = {
  Hello: { versionMin: [1, 'uint'], versionMax: [2, 'uint'] },
  Connect: { version: [1, 'uint'], token: [2, 'bytes'], instance: [3, 'fixed32'], client: [4, 'string'] },
  Welcome: { session: [2, 'fixed64'], principal: [3, 'fixed64'], principalName: [4, 'string'], heartbeatMs: [9, 'uint'] },
  Error: { code: [1, 'uint'], message: [2, 'string'], request: [3, 'fixed64'], retryAfterMs: [7, 'uint'] },
  Ping: { token: [1, 'fixed64'] },
  Request: { request: [1, 'fixed64'], method: [2, 'string'], body: [3, 'bytes'] },
  Response: { request: [1, 'fixed64'], body: [2, 'bytes'] },
  Push: { type: [1, 'string'], body: [2, 'bytes'] },
  JoinRoom: { channel: [1, 'string'], ticket: [2, 'bytes'], replace: [3, 'bool'], state: member.state.with(0, 4) },
  RoomJoined: {
    channel: [1, 'fixed64'], peer: [2, 'fixed64'], ticket: [3, 'bytes'], graceMs: [4, 'uint'], room: [5, update],
    iceServers: [6, iceServer, 'repeated'],
  },
  RoomUpdate: update,
  OfRoom: { channel: [1, 'fixed64'] },
  SetRoomState: { channel: [1, 'fixed64'], state: member.state.with(0, 2) },
  RoomSignal: { channel: [1, 'fixed64'], peer: [2, 'fixed64'], kind: [3, 'uint'], payload: [4, 'bytes'] },
  RoomEnded: { channel: [1, 'fixed64'], reason: [2, 'uint'] },
  Empty: {},
};

export const frames = { HELLO: 1, CONNECT: 2, WELCOME: 3, PING: 14, PONG: 15, GOAWAY: 16, ERROR: 17, REQUEST: 19, RESPONSE: 20, PUSH: 25 };
const HEADER_LENGTH = 8;
const text = new TextEncoder();
const fromText = new TextDecoder('utf-8', { fatal: true });
const VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5;
const kindOf = { uint: VARINT, bool: VARINT, fixed64: FIXED64, fixed32: FIXED32, string: BYTES, bytes: BYTES };

export function encode(type, message) {
  const out = [];
  const varint = (value) => {
    for (let rest = BigInt(value); ; rest >>= 7n) {
      if (rest < 128n) { out.push(Number(rest)); return; }
      out.push(Number(rest & 127n) | 128);
    }
  };
  const fixed = (value, length) => {
    for (let i = 0, rest = BigInt(value); i < length; i++, rest >>= 8n) out.push(Number(rest & 255n));
  };
  for (const [name, [number, kind, repeated]] of Object.entries(type)) {
    if (message[name] === undefined) continue;
    for (const value of repeated ? message[name] : [message[name]]) {
      const wire = kindOf[kind] ?? BYTES;
      varint(number << 3 | wire);
      if (wire === VARINT) varint(kind === 'bool' ? Number(value) : value);
      else if (wire === FIXED64) fixed(value, 8);
      else if (wire === FIXED32) fixed(value, 4);
      else {
        const bytes = kind === 'string' ? text.encode(value) : kind === 'bytes' ? value : encode(kind, value);
        varint(bytes.length);
        for (const byte of bytes) out.push(byte);
      }
    }
  }
  return Uint8Array.from(out);
}

export function decode(type, bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields = new Map(Object.entries(type).map(([name, [number, kind, repeated]]) => [number, { name, kind, repeated }]));
  const message = {};
  for (const { name, kind, repeated } of fields.values()) message[name] = repeated ? [] : initial(kind);
  let at = 0;
  const varint = () => {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    const field = fields.get(tag >>> 3);
    let value;
    if (wire === VARINT) {
      value = field?.kind === 'bool' ? varint() !== 0n : Number(varint());
    } else if (wire === FIXED64) {
      if (field !== undefined && field.repeated && field.kind !== 'fixed64') throw new Error('unexpected fixed64');
      value = view.getBigUint64(at, true);
      at += 8;
    } else if (wire === FIXED32) {
      value = view.getUint32(at, true);
      at += 4;
    } else if (wire === BYTES) {
      const length = Number(varint());
      const part = bytes.subarray(at, at + length);
      if (part.length !== length) throw new Error('truncated');
      at += length;
      if (field?.kind === 'fixed64') { // packed
        const numbers = new DataView(part.buffer, part.byteOffset, part.byteLength);
        for (let i = 0; i < length; i += 8) message[field.name].push(numbers.getBigUint64(i, true));
        continue;
      }
      value = field === undefined || field.kind === 'bytes' ? part : field.kind === 'string' ? fromText.decode(part) : decode(field.kind, part);
    } else {
      throw new Error('wire type ' + wire);
    }
    if (field === undefined) continue;
    if (field.repeated) message[field.name].push(value);
    else message[field.name] = value;
  }
  return message;
}

function initial(kind) {
  switch (kind) {
    case 'uint': case 'fixed32': return 0;
    case 'fixed64': return 0n;
    case 'bool': return false;
    case 'string': return '';
    case 'bytes': return new Uint8Array(0);
    default: return decode(kind, new Uint8Array(0));
  }
}

/** A frame around the body. */
export function frame(type, body) {
  const bytes = new Uint8Array(HEADER_LENGTH + body.length);
  const header = new DataView(bytes.buffer);
  header.setUint32(0, bytes.length - 4, true);
  header.setUint8(4, type);
  bytes.set(body, HEADER_LENGTH);
  return bytes;
}

/** Calls onFrame(type, body) for each frame of a message, which holds whole ones. */
export function cut(message, onFrame) {
  const view = new DataView(message);
  for (let at = 0; at < message.byteLength;) {
    const length = view.getUint32(at, true) + 4;
    onFrame(view.getUint8(at + 4), new Uint8Array(message, at + HEADER_LENGTH, length - HEADER_LENGTH));
    at += length;
  }
}
