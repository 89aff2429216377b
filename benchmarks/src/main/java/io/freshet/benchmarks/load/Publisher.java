package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Segments.Segment;
import java.util.List;
import org.agrona.collections.LongArrayQueue;
import org.jspecify.annotations.Nullable;

/**
 * Publishes over one connection to its channels in turn, as much as a window allows or as a schedule says. Owned by the
 * leader's thread.
 */
final class Publisher {
    private final Connection connection;
    private final List<Outlet> outlets;
    private final Meter meter;
    private final @Nullable Window window;
    private final LongArrayQueue due = new LongArrayQueue();
    private int next;
    private int repeatCount;
    private boolean isStopped;

    /** @param window null for an open loop: only what {@link #onDue} was told is published */
    Publisher(Connection connection, List<Outlet> outlets, @Nullable Window window) {
        this.connection = connection;
        this.outlets = outlets;
        this.window = window;
        meter = connection.meter();
    }

    /** A message is due; it goes out as soon as it may, and its latency counts from this time. */
    void onDue(long intendedNs) {
        due.addLong(intendedNs);
    }

    /** From now on only what was due before is published, and what was refused. */
    void stop() {
        isStopped = true;
    }

    private int wantedCount() {
        return window == null || isStopped ? due.size() + repeatCount : window.room();
    }

    /** Publishes what may be published; returns how many messages that were. */
    int publish(long nowNs) {
        takeBack();
        if (!connection.isWritable()) {
            return 0;
        }
        int wanted = wantedCount();
        int count = 0;
        while (count < wanted) {
            int written = fill(wanted - count, nowNs);
            if (written == 0) {
                break;
            }
            count += written;
        }
        if (count > 0) {
            meter.published += count;
            if (window != null) {
                window.take(count);
            }
        }
        return count;
    }

    /** Fills one segment with whole frames, all of one length and {@code wanted} at most, and sends it. */
    private int fill(int wanted, long nowNs) {
        Outlet outlet = nextOutlet(nowNs);
        if (outlet == null) {
            return 0;
        }
        Segment segment = connection.loop().segments().take();
        long at = segment.address();
        int fitting = Segments.LENGTH / outlet.frameLength();
        int most = Math.min(wanted, fitting);
        int count = 0;
        while (outlet != null) {
            at = outlet.write(at, intendedNs(outlet, nowNs));
            count++;
            outlet = count < most ? nextOutlet(nowNs) : null;
        }
        connection.send(segment, (int) (at - segment.address()));
        return count;
    }

    private long intendedNs(Outlet outlet, long nowNs) {
        if (outlet.isRepeating()) {
            repeatCount--;
            return nowNs;
        }
        return due.isEmpty() ? nowNs : due.pollLong();
    }

    private @Nullable Outlet nextOutlet(long nowNs) {
        boolean isOnlyRepeating = (window == null || isStopped) && due.isEmpty();
        for (int i = 0; i < outlets.size(); i++) {
            Outlet outlet = outlets.get(next);
            next = next + 1 == outlets.size() ? 0 : next + 1;
            if (outlet.hasRoom(nowNs) && (!isOnlyRepeating || outlet.isRepeating())) {
                return outlet;
            }
        }
        return null;
    }

    private void takeBack() {
        for (int i = 0; i < outlets.size(); i++) {
            long count = outlets.get(i).takeBack();
            if (count > 0) {
                meter.published -= count;
                repeatCount += (int) count;
                if (window != null) {
                    window.release(count);
                }
            }
        }
    }

    /** Whether everything that was due is sent and everything sent that has receipts is answered. */
    boolean isSettled() {
        if (!due.isEmpty()) {
            return false;
        }
        for (Outlet outlet : outlets) {
            if (outlet.inFlightCount() > 0 || outlet.isRepeating()) {
                return false;
            }
        }
        return true;
    }
}
