package io.freshet.log.document;

import io.freshet.log.MessageLog;
import org.agrona.collections.Long2LongHashMap;

/** Where the last run of each attached channel lies. Belongs to the thread that appends. */
public final class BackLinks {
    private static final long NOT_ATTACHED = Long.MIN_VALUE;

    private final Long2LongHashMap positions = new Long2LongHashMap(1024, 0.65f, NOT_ATTACHED);

    public void attach(long channel, long lastRunPosition) {
        positions.put(channel, lastRunPosition);
    }

    /** Forgets the channel; returns the position of its last run, or {@link MessageLog#NULL_POSITION}. */
    public long detach(long channel) {
        long position = positions.remove(channel);
        return position == NOT_ATTACHED ? MessageLog.NULL_POSITION : position;
    }

    long previous(long channel) {
        long position = positions.get(channel);
        assert position != NOT_ATTACHED : "channel " + channel + " is not attached";
        return position == NOT_ATTACHED ? MessageLog.NULL_POSITION : position;
    }

    void moved(long channel, long position) {
        positions.put(channel, position);
    }
}
