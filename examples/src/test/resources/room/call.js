// The calls of one member with every other: one RTCPeerConnection each, set up by signals through the room. Both may offer at any time;
// who joined first gives way ("perfect negotiation" of the WebRTC specification, section 10.7).

export const kinds = { OFFER: 1, ANSWER: 2, CANDIDATE: 3 };

class Call {
  #isOffering = false;
  #ignoresOffer = false;
  #early = [];

  constructor(peer, isPolite, configuration, tracks, send, onTrack) {
    this.peer = peer;
    this.isPolite = isPolite;
    this.send = send;
    this.connection = new RTCPeerConnection(configuration);
    this.connection.onicecandidate = ({ candidate }) => { if (candidate) send(kinds.CANDIDATE, candidate); };
    this.connection.onnegotiationneeded = () => this.#offer();
    this.connection.ontrack = ({ track, streams }) => onTrack(track, streams[0]);
    tracks.forEach(({ track, stream }) => this.connection.addTrack(track, stream));
  }

  async #offer() {
    try {
      this.#isOffering = true;
      await this.connection.setLocalDescription();
      this.send(kinds.OFFER, this.connection.localDescription);
    } finally {
      this.#isOffering = false;
    }
  }

  async onSignal(kind, value) {
    if (kind === kinds.CANDIDATE) {
      if (this.connection.remoteDescription === null) this.#early.push(value);
      else if (!this.#ignoresOffer) await this.connection.addIceCandidate(value);
      return;
    }
    const collides = kind === kinds.OFFER && (this.#isOffering || this.connection.signalingState !== 'stable');
    this.#ignoresOffer = !this.isPolite && collides;
    if (this.#ignoresOffer) return;
    await this.connection.setRemoteDescription(value);
    for (const candidate of this.#early.splice(0)) await this.connection.addIceCandidate(candidate);
    if (kind === kinds.OFFER) {
      await this.connection.setLocalDescription();
      this.send(kinds.ANSWER, this.connection.localDescription);
    }
  }
}

export class Calls {
  #calls = new Map();
  #tracks = [];
  #last = Promise.resolve();

  constructor(own, configuration, send, onTrack) {
    this.own = own;
    this.configuration = configuration;
    this.send = send;
    this.onTrack = onTrack;
  }

  /** Sends these tracks to everybody from now on. */
  add(stream) {
    for (const track of stream.getTracks()) {
      this.#tracks.push({ track, stream });
      this.#calls.forEach((call) => call.connection.addTrack(track, stream));
    }
  }

  /** Calls a member that was here before; those who come later call themselves. */
  with(peer) {
    if (!this.#calls.has(peer)) {
      const send = (kind, value) => this.send(peer, kind, new TextEncoder().encode(JSON.stringify(value)));
      const onTrack = (track, stream) => this.onTrack(peer, track, stream);
      this.#calls.set(peer, new Call(peer, this.own < peer, this.configuration, this.#tracks, send, onTrack));
    }
    return this.#calls.get(peer);
  }

  /** Signals are taken one after the other. */
  onSignal(peer, kind, payload) {
    const value = JSON.parse(new TextDecoder().decode(payload));
    this.#last = this.#last.then(() => this.with(peer).onSignal(kind, value)).catch((error) => console.error(error));
  }

  end(peer) {
    this.#calls.get(peer)?.connection.close();
    this.#calls.delete(peer);
  }

  endAll() {
    [...this.#calls.keys()].forEach((peer) => this.end(peer));
  }

  /** What has come from each peer: the energy of its sound, the frames of each of its pictures, and by which kind of address. */
  async figures() {
    const figures = {};
    for (const [peer, { connection }] of this.#calls) {
      const figure = { state: connection.connectionState, audioEnergy: 0, frames: {}, way: '' };
      const stats = await connection.getStats();
      stats.forEach((entry) => {
        if (entry.type === 'transport' && entry.selectedCandidatePairId) {
          figure.way = stats.get(stats.get(entry.selectedCandidatePairId).localCandidateId).candidateType;
        }
        if (entry.type !== 'inbound-rtp') return;
        if (entry.kind === 'audio') figure.audioEnergy += entry.totalAudioEnergy ?? 0;
        else figure.frames[entry.trackIdentifier] = entry.framesDecoded ?? 0;
      });
      figures[peer] = figure;
    }
    return figures;
  }
}
