package io.freshet.client;

import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import io.netty.buffer.ByteBuf;

/**
 * What a {@link ServerSession} tells the client's core, on the client's thread. Whatever takes a frame may throw a {@link
 * io.freshet.protocol.ProtocolException}, with which the session ends.
 */
interface SessionListener {
    void onWelcome(Welcome welcome);

    /** A record in any legal form. The buffer is <em>borrowed</em>. */
    void onRecord(ByteBuf buffer, int frameIndex, int frameLength);

    void onPublished(Published published);

    void onOpened(Opened opened);

    void onClosed(Closed closed);

    void onGap(Gap gap);

    void onPage(Page page);

    void onEpoch(Epoch epoch);

    void onResponse(Response response);

    void onPush(Push push);

    void onSignal(Signal signal);

    void onGoAway(GoAway goAway);

    /** An error about a request or a channel, after which the session goes on. */
    void onError(Error error, FreshetException cause);

    /** The connection takes bytes again. */
    void onWritable();

    /**
     * The session is over; told once, and nothing else is told after it but {@link #onConnectionClosed}.
     *
     * @param isRefusal whether the server said so itself, with an ERROR
     */
    void onEnded(FreshetException cause, boolean isRefusal);

    /** The connection under a session that is over is gone. */
    void onConnectionClosed(ServerSession session);

    /** A batch of received bytes is dealt with; what it made possible is to be done and sent now. */
    void onBatchEnd();
}
