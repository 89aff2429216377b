// Services called as CHAT.md says: a channel is made, something is said in it, and its views tell of that.
import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { encodeMessage } from './protocol.mjs';

const POST = 1;
const PIN = 6;
const CHANNEL_EXISTS = 421;
const UNKNOWN_CHANNEL = 401;
/** The views are a moment behind what was acknowledged. */
const LOOKS = 100;
const LOOK_MS = 100;

/** Fails on the first answer that is not what it should be; returns how many came. The channel must be new. */
export async function checkServices(session, name) {
  let calls = 0;
  const request = (...args) => {
    calls++;
    return session.request(...args);
  };
  const create = { name, attributes: { kind: 'CHANNEL_KIND_ORDINARY', title: 'Ручей 🌊' } };
  const made = await request('freshet.v1.Channels/Create', 'CreateChannel', create, 'ChannelInfo');
  strictEqual(made.name, name);
  strictEqual(made.attributes.title, create.attributes.title);
  strictEqual(made.attributes_sequence, '1');
  await rejects(request('freshet.v1.Channels/Create', 'CreateChannel', create, 'ChannelInfo'), { code: CHANNEL_EXISTS });

  session.send('OPEN', { request: '1000', name });
  const { channel, nonce_counter: accepted = 0 } = await session.receive('OPENED');
  strictEqual(channel, made.channel);
  await publish(session, channel, accepted + 1, POST, encodeMessage('Content', { text: 'the river rises' }));
  await publish(session, channel, accepted + 2, PIN, encodeMessage('Pin', { target: '2' }));

  const question = { channels: [{ channel, read_up_to: '1' }] };
  let view;
  for (let i = 0; i < LOOKS && view?.up_to !== '3'; i++) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
    [view] = (await request('freshet.v1.Views/Channels', 'ViewChannels', question, 'ChannelViews')).channels;
  }
  const { up_to, post_count, last_post, unread_count } = view;
  deepStrictEqual({ up_to, post_count, last_post, unread_count },
    { up_to: '3', post_count: '1', last_post: '2', unread_count: 1 });
  deepStrictEqual(await request('freshet.v1.Views/Pins', 'ViewPins', { channel }, 'PinnedPosts'), { posts: ['2'], up_to: '3' });
  await rejects(request('freshet.v1.Views/Pins', 'ViewPins', { channel: '999999999' }, 'PinnedPosts'), { code: UNKNOWN_CHANNEL });
  return calls;
}

async function publish(session, channel, counter, kind, payload) {
  const nonce = String((BigInt(session.instance) << 32n) + BigInt(counter));
  session.send('RECORD', { channel, nonce, payload }, kind);
  const receipt = await session.receive('PUBLISHED');
  strictEqual(receipt.first_nonce, nonce);
}
