package io.freshet.engine.signal;

import com.google.protobuf.ByteString;
import io.freshet.engine.delivery.Outlet;
import io.freshet.engine.delivery.Subscription;
import io.freshet.protocol.ChannelName;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.ProtocolException;
import io.freshet.protocol.v1.Said;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** One session's place in what is said in one channel that it has open. Owned by the session's reactor. */
public final class Seat {
    static final int NOT_WATCHING = -1;

    private final ReactorSignals signals;
    private final Audience audience;
    private final Outlet outlet;
    private final @Nullable Subscription subscription;
    private final long principal;
    private int index = NOT_WATCHING;
    private boolean isBehind;
    private boolean isListed;
    private boolean isTyping;
    private boolean isLeft;

    Seat(
            ReactorSignals signals,
            Audience audience,
            Outlet outlet,
            @Nullable Subscription subscription,
            long principal) {
        this.signals = signals;
        this.audience = audience;
        this.outlet = outlet;
        this.subscription = subscription;
        this.principal = principal;
    }

    long principal() {
        return principal;
    }

    Outlet outlet() {
        return outlet;
    }

    public boolean isWatching() {
        return index != NOT_WATCHING;
    }

    /** Its place among those who watch, or {@link #NOT_WATCHING}. */
    int index() {
        return index;
    }

    void index(int place) {
        index = place;
    }

    /** Whether it could not be given the last frame, and gets what still holds when it can. */
    boolean isBehind() {
        return isBehind;
    }

    void behind(boolean hasMissed) {
        isBehind = hasMissed;
    }

    /** Whether its {@link Audience} has it on the list of those to look at, behind or not any more. */
    boolean isListed() {
        return isListed;
    }

    void listed(boolean isThere) {
        isListed = isThere;
    }

    /** Whether its session reads as fast as is said: nothing is given to those who do not. */
    boolean isReady() {
        return (subscription == null || subscription.isAtHead()) && outlet.hasRoom();
    }

    /** From now on its session is told, beginning with what holds now, or not any more. */
    public void watch(boolean isOn) {
        if (isOn != isWatching()) {
            signals.watch(audience, this, isOn);
        } else if (isOn) {
            signals.watchAgain(audience, this);
        }
    }

    /** Its user is writing, or not any more. */
    public void typing(boolean isOn) {
        if (isOn || isTyping) {
            isTyping = isOn;
            signals.typing(audience, principal, isOn);
        }
    }

    /**
     * Adds to a counter. Borrows the buffer.
     *
     * @param offset of the counter's name, of {@code length} bytes from 1 to 32
     * @param more 1 or more
     * @param mayMake whether the session may make a counter that there is not
     * @return null when it was counted, or there is no such counter and this session makes none; otherwise why not
     * @throws ProtocolException with MALFORMED when the name is not UTF-8
     */
    public @Nullable ErrorCode count(ByteBuf buffer, int offset, int length, long more, boolean mayMake) {
        ChannelSums sums = signals.sums(audience);
        Counter counter = sums.counters.find(buffer, offset, length);
        if (counter == null && !mayMake) {
            counter = sums.unmade.find(buffer, offset, length);
        }
        if (counter == null) {
            if (!ByteBufUtil.isText(buffer, offset, length, StandardCharsets.UTF_8)) {
                throw new ProtocolException(ErrorCode.MALFORMED, "a counter's name that is not UTF-8");
            }
            String name = buffer.toString(offset, length, StandardCharsets.UTF_8);
            if (ChannelName.violation(name) != null) {
                return ErrorCode.INVALID_ARGUMENT;
            }
            CounterAdmission admission = audience.admission();
            if (mayMake && admission.isFullFor(name, sums)) {
                return ErrorCode.TOO_MANY_COUNTERS;
            }
            counter = admission.begin(name, sums, mayMake);
            if (counter == null) {
                signals.dropped();
                return null;
            }
        }
        counter.add(more);
        if (mayMake) {
            counter.made();
        }
        signals.counted(more);
        return null;
    }

    /** Hands on an application's own signal; false when the channel takes no more in this tick. */
    public boolean say(int kind, ByteString body) {
        Said said = Said.newBuilder()
                .setSender(principal)
                .setKind(kind)
                .setBody(body)
                .build();
        return signals.sums(audience).say(said);
    }

    /** Its session has the channel open no more: nothing is handed to it from now on. Idempotent. */
    public void leave() {
        if (!isLeft) {
            watch(false);
            typing(false);
            isLeft = true;
            signals.left(audience);
        }
    }
}
