// A page that joins a room and shows who is there: room.html?server=ws://…&name=ann&channel=voice&video
import { Calls } from './call.js';
import { Session } from './session.js';
import { types } from './wire.js';

const query = new URLSearchParams(location.search);
const tiles = document.querySelector('#tiles');
const status = document.querySelector('#status');
const members = new Map();
const state = { muted: false, video: query.has('video') };
let session;
let calls;
let joined;
let version = 0n;

/** What the test looks at. */
window.page = {
  members: () => [...members.values()].map((each) => ({ ...each, peer: String(each.peer), principal: String(each.principal) })),
  peer: () => String(joined.peer),
  version: () => String(version),
  figures: () => calls.figures(),
  iceServers: () => joined.iceServers,
  loseConnection: () => session.close(),
};

function show(message) {
  status.textContent = message;
}

function tile(peer, streamId) {
  const id = `tile-${peer}-${streamId}`;
  let found = document.getElementById(id);
  if (found === null) {
    found = document.createElement('figure');
    found.id = id;
    found.dataset.peer = peer;
    found.append(document.createElement('video'), document.createElement('figcaption'));
    found.firstChild.autoplay = true;
    found.firstChild.playsInline = true;
    tiles.append(found);
  }
  return found;
}

function render() {
  for (const figure of tiles.children) {
    const member = members.get(BigInt(figure.dataset.peer));
    if (member === undefined) {
      figure.remove();
      continue;
    }
    const says = Object.entries(member.state).filter(([, isSet]) => isSet).map(([name]) => name);
    if (member.away) says.push('away');
    figure.classList.toggle('away', member.away);
    figure.lastChild.textContent = [member.name + (member.peer === joined.peer ? ' (you)' : ''), ...says].join(' · ');
  }
  show(`${query.get('channel')}: ${members.size} here, version ${version}`);
}

function fold(update) {
  if (!update.whole && update.version !== version + 1n) throw new Error(`version ${update.version} after ${version}`);
  if (update.whole) members.clear();
  version = update.version;
  update.members.forEach((member) => members.set(member.peer, member));
  update.left.forEach((peer) => {
    members.delete(peer);
    calls.end(peer);
  });
  members.forEach((member) => {
    if (member.peer !== joined.peer) tile(member.peer, 'sound');
  });
  render();
}

function onTrack(peer, track, stream) {
  const isScreen = track.kind === 'video' && document.querySelector(`[data-peer="${peer}"].seen`) !== null;
  const figure = tile(peer, isScreen ? stream.id : 'sound');
  figure.firstChild.srcObject = stream; // unmuted: otherwise nobody reckons the energy of its sound
  if (track.kind === 'video') figure.classList.add('seen');
  render();
}

function set(changes) {
  Object.assign(state, changes);
  return session.request('Rooms/SetState', types.SetRoomState, { channel: joined.channel, state }, types.Empty);
}

/** Signals go one after the other, and again when they came too fast. */
let sent = Promise.resolve();
function signal(peer, kind, payload) {
  sent = sent.then(async () => {
    for (;;) {
      try {
        return await session.request('Rooms/Signal', types.RoomSignal, { channel: joined.channel, peer, kind, payload }, types.Empty);
      } catch (error) {
        if (!error.isForNow) return show('' + error);
        await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs));
      }
    }
  });
}

async function join(ticket) {
  session = await Session.open(query.get('server'), query.get('name'));
  const early = [];
  session.onPush('RoomUpdate', (update) => (calls === undefined ? early.push(update) : fold(update)));
  session.onPush('RoomSignal', (signal) => calls.onSignal(signal.peer, signal.kind, signal.payload));
  session.onPush('RoomEnded', (ended) => {
    calls.endAll();
    members.clear();
    tiles.replaceChildren();
    show('out of the room, reason ' + ended.reason);
  });
  joined = await session.request('Rooms/Join', types.JoinRoom, { channel: query.get('channel'), ticket, state }, types.RoomJoined);
  if (calls === undefined) {
    const iceServers = joined.iceServers.map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
    const iceTransportPolicy = query.has('relay') ? 'relay' : 'all';
    calls = new Calls(joined.peer, { iceServers, iceTransportPolicy }, signal, onTrack);
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: state.video && { width: 320, height: 240 } });
    calls.add(stream);
    const own = tile(joined.peer, 'own').firstChild;
    own.srcObject = stream;
    own.muted = true;
  }
  fold(joined.room);
  early.filter((update) => update.version > version).forEach(fold);
  joined.room.members.filter((other) => other.peer < joined.peer).forEach((other) => calls.with(other.peer));
  session.ended.then(() => {
    show('the connection is lost');
    if (!query.has('once')) join(joined.ticket).catch((error) => show('' + error));
  });
}

document.querySelector('#screen').onclick = async () => {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  calls.add(stream);
  tile(joined.peer, 'screen').firstChild.srcObject = stream;
  await set({ screen: true });
};
document.querySelector('#mute').onclick = () => set({ muted: !state.muted });
document.querySelector('#leave').onclick = async () => {
  await session.request('Rooms/Leave', types.OfRoom, { channel: joined.channel }, types.Empty);
  calls.endAll();
  members.clear();
  tiles.replaceChildren();
  show('left');
};

join(new Uint8Array(0)).catch((error) => show('' + error));
