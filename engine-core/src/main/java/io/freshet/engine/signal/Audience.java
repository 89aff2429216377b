package io.freshet.engine.signal;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One channel on one reactor, as far as signals go: the sessions that watch it, what holds now for those who missed a frame, and what
 * was collected for the channel's owner. Owned by the reactor's thread.
 */
final class Audience {
    private static final int INITIAL_CAPACITY = 2;

    private final long channel;
    private @Nullable Seat[] seats = new @Nullable Seat[INITIAL_CAPACITY];
    private int watcherCount;
    private int seatCount;
    private @Nullable ByteBuf state;
    private @Nullable ChannelSums sums;
    private @Nullable CounterAdmission admission;
    private final List<Seat> behind = new ArrayList<>(1);
    /** Whether {@link ReactorSignals} has it on its list of those where somebody missed a frame. */
    boolean isNoted;

    Audience(long channel) {
        this.channel = channel;
    }

    long channel() {
        return channel;
    }

    /** What was collected since it was handed over last; null when that is nothing. */
    @Nullable
    ChannelSums sums() {
        return sums;
    }

    void sums(@Nullable ChannelSums collected) {
        sums = collected;
    }

    /** Which counters may be added to. */
    CounterAdmission admission() {
        CounterAdmission known = admission;
        if (known == null) {
            known = new CounterAdmission();
            admission = known;
        }
        return known;
    }

    void seated() {
        seatCount++;
    }

    void left() {
        seatCount--;
    }

    /** Whether nothing would be lost with it. */
    boolean isUnused() {
        return seatCount == 0 && sums == null;
    }

    int watcherCount() {
        return watcherCount;
    }

    /** One more session watches: it is told what holds now with the next tick. */
    void add(Seat seat) {
        if (watcherCount == seats.length) {
            seats = Arrays.copyOf(seats, watcherCount * 2);
        }
        seat.index(watcherCount);
        seats[watcherCount++] = seat;
        missed(seat);
    }

    void remove(Seat seat) {
        int index = seat.index();
        Seat last = seat(--watcherCount);
        seats[index] = last;
        last.index(index);
        seats[watcherCount] = null;
        seat.index(Seat.NOT_WATCHING);
        seat.behind(false);
        if (watcherCount == 0) {
            forgetState();
        }
    }

    /** One that watches wants to be told what holds, whether it was before or not. */
    void again(Seat seat) {
        missed(seat);
    }

    private void missed(Seat seat) {
        seat.behind(true);
        if (!seat.isListed()) {
            seat.listed(true);
            behind.add(seat);
        }
    }

    /** Those who may have missed a frame, each once. */
    int behindCount() {
        return behind.size();
    }

    /** Gives everybody who can take it a tick's frame; returns to how many. <em>Borrows</em> the buffers. */
    int deliver(SignalFrames frames) {
        if (watcherCount == 0) {
            return 0; // the last has gone while it was on its way
        }
        forgetState();
        state = frames.state().retain();
        int count = 0;
        for (int i = watcherCount - 1; i >= 0; i--) {
            if (i >= watcherCount) {
                continue; // somebody's connection has failed in the middle of it
            }
            Seat seat = seat(i);
            if (frames.soleTypist() != 0 && frames.soleTypist() == seat.principal()) {
                continue;
            }
            if (seat.isReady()) {
                seat.behind(false);
                seat.outlet().offerShared(frames.frame());
                count++;
            } else {
                missed(seat);
            }
        }
        return count;
    }

    /** Gives those who missed a frame and can take one now what holds still; returns to how many. */
    int catchUp() {
        int count = 0;
        int kept = 0;
        int lookedAt = behind.size();
        for (int i = 0; i < lookedAt; i++) {
            Seat seat = behind.get(i);
            ByteBuf frame = state;
            if (seat.isBehind() && (frame == null || !seat.isReady())) {
                behind.set(kept++, seat);
                continue;
            }
            seat.listed(false);
            if (frame != null && seat.isBehind()) { // otherwise it got a later frame, or watches no more
                seat.behind(false);
                seat.outlet().offerShared(frame);
                count++;
            }
        }
        behind.subList(kept, lookedAt).clear(); // whoever was listed meanwhile stays
        return count;
    }

    private Seat seat(int index) {
        Seat seat = seats[index];
        assert seat != null;
        return seat;
    }

    void forgetState() {
        if (state != null) {
            state.release();
            state = null;
        }
    }
}
