package io.freshet.engine.routing;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.RecentEvents;
import io.freshet.engine.chat.Resolution;
import io.freshet.engine.metrics.ShardCounter;
import io.freshet.engine.metrics.ShardCounters;
import io.freshet.log.ChannelIndex;
import io.freshet.log.MessageLog;
import io.freshet.protocol.ErrorCode;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides on the events of a shard's channels, and remembers those that it admitted until the index knows them. Owned by the
 * shard's thread.
 */
final class ShardEvents {
    /** Events of all channels together that are remembered: some 10 MB. */
    private static final int LIMIT = 64 * 1024;

    private final ChannelIndex index;
    private final ShardCounters counters;

    /** Channels that have events to remember. */
    private final Set<Sequencer> remembering = new LinkedHashSet<>();

    /** Of all of them when they were looked at last, and of those that came since. */
    private int count;

    private long seenPosition = MessageLog.NULL_POSITION;

    ShardEvents(ChannelIndex index, ShardCounters counters) {
        this.index = index;
        this.counters = counters;
    }

    /** Why an event is not admitted, or null when it is; see {@link #admitted}. */
    @Nullable
    ErrorCode refusal(Sequencer sequencer, EventCommand command) {
        if (command.refusal() != null) {
            return command.refusal();
        }
        if (!mayMention(sequencer, command)) {
            return ErrorCode.MENTION_REFUSED;
        }
        Resolution found = command.found();
        if (found == null) {
            return null;
        }
        if (command.event().target() > sequencer.committedHead()) {
            return ErrorCode.NO_SUCH_POST;
        }
        RecentEvents recent = sequencer.recentEvents();
        if ((count >= LIMIT / 2 || recent.isFull()) && index.indexedPosition() != seenPosition) {
            onTick();
        }
        ErrorCode refusal = recent.refusal(command.event(), found, command.rights());
        if (refusal == ErrorCode.STALE_VIEW) {
            counters.add(ShardCounter.STALE_EVENTS, 1);
        }
        return refusal == null && count >= LIMIT ? ErrorCode.OVERLOADED : refusal;
    }

    /** Of what has members nobody else may hear: the application has said only who may know of the channel by its name. */
    private static boolean mayMention(Sequencer sequencer, EventCommand command) {
        KnownAttributes known = sequencer.knownAttributes();
        return known == null
                || command.event().sender() == Principal.SYSTEM.id()
                || command.mentioned().stream().allMatch(known::admits);
    }

    /** An event was given the last sequence of its channel. */
    void admitted(Sequencer sequencer, EventCommand command) {
        if (command.found() == null) {
            return;
        }
        RecentEvents recent = sequencer.recentEvents();
        int before = recent.count();
        recent.add(command.event(), sequencer.head(), sequencer.lastTimeUs());
        count += recent.count() - before;
        if (before == 0 && recent.count() > 0) {
            remembering.add(sequencer);
        }
    }

    /** Forgets what the index knows; called about once a second. */
    void onTick() {
        seenPosition = index.indexedPosition();
        count = 0;
        for (Iterator<Sequencer> all = remembering.iterator(); all.hasNext(); ) {
            RecentEvents recent = all.next().recentEvents();
            recent.indexed(seenPosition);
            count += recent.count();
            if (recent.count() == 0) {
                all.remove();
            }
        }
        counters.set(ShardCounter.RECENT_EVENTS, count);
    }
}
