// Compares what protobufjs makes of every decodable test vector with what the vector states, in both directions.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Decoder, bodyType, decodeBody, encode } from './protocol.mjs';

const CANONICAL = { channel: '0', sequence: '0', timestamp_us: '0', sender: '0', nonce: '0', payload: '' };

/** Checks the vectors in this directory; returns how many were compared and how many there are. */
export function checkVectors(directory) {
  const vectors = readVectors(directory);
  const withValue = vectors.filter(vector => vector.value);
  for (const vector of withValue) {
    try {
      check(vector);
    } catch (e) {
      throw new Error(`${vector.file}, ${vector.name}: ${e.message}`);
    }
  }
  return { compared: withValue.length, all: vectors.length };
}

/** The vectors of all files in this directory: their keys, and their bytes as Buffers. */
export function readVectors(directory) {
  const files = fs.readdirSync(directory).filter(name => name.endsWith('.txt')).sort();
  return files.flatMap(file =>
    [...parse(fs.readFileSync(path.join(directory, file), 'utf8'))].map(vector => ({ file, ...vector })));
}

function check(vector) {
  const frames = [...new Decoder(Number(vector.limit ?? 131072)).push(vector.bytes)];
  assert.equal(frames.length, 1);
  const [{ type, flags, kind, body }] = frames;
  assert.equal(type, vector.type);
  assert.equal(flags, Number(vector.flags ?? 0));
  assert.equal(kind, Number(vector.kind ?? 0));
  const value = withBase64(bodyType(type), JSON.parse(vector.value));
  assert.deepEqual(decodeBody(type, body), value);
  if (vector.canonical) {
    assert.deepEqual(encode(type, { ...CANONICAL, ...value }, kind), vector.canonical);
  } else if (vector.expect !== 'decode') {
    assert.deepEqual(encode(type, value, kind, flags), vector.bytes);
  }
}

function * parse(text) {
  for (const block of text.trimEnd().split('\n\n').filter(b => !b.startsWith('#'))) {
    const vector = {};
    let section;
    for (const line of block.split('\n')) {
      if (line.startsWith(' ')) {
        vector[section] += ' ' + line.split('#')[0];
      } else {
        section = line.slice(0, line.indexOf(':'));
        vector[section] = line.slice(section.length + 1).trim();
      }
    }
    yield { ...vector, bytes: hex(vector.bytes), canonical: vector.canonical && hex(vector.canonical) };
  }
}

/** Two digits a byte; `61*200` is two hundred of them. */
function hex(text) {
  const tokens = text.split(/\s+/).filter(t => t !== '');
  return Buffer.concat(tokens.map(t => Buffer.alloc(Number(t.slice(3) || 1), Number.parseInt(t.slice(0, 2), 16))));
}

/** The value with its bytes fields in base64, as protobufjs has them. */
function withBase64(type, value) {
  const convert = (field, v) => field.type === 'bytes' ? hex(v).toString('base64')
    : field.resolvedType?.fields ? withBase64(field.resolvedType, v) : v;
  return Object.fromEntries(Object.entries(value).map(([name, v]) => {
    const field = type.fields[name].resolve();
    return [name, field.repeated ? v.map(one => convert(field, one)) : convert(field, v)];
  }));
}
