package io.freshet.engine.notice;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import io.freshet.log.LogDocument;
import io.freshet.log.LogFollower;
import io.freshet.log.MessageLog;
import io.freshet.protocol.InboxName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps, with the index, what the events of a shard's inboxes come to, who has anything to do with which channel, and up to where
 * the notifier is done with the shard: {@link InboxKeys}. It also notes for the notifier which documents have posts, and hands it new notices. On the indexer's thread.
 */
final class InboxFollower implements LogFollower {
    /** 6 were inboxes of one state each: an index that has those is built anew. */
    static final int ID = 7;

    private static final int MAX_KNOWN_OWNERS = 1 << 16;
    private static final long NOBODY = 0;
    private static final long NOTHING_WRITTEN = Long.MIN_VALUE;

    private record Said(long sequence, InboxEvent event) {}

    /** What came of one inbox since the last checkpoint. */
    private static final class Changes {
        final List<Said> events = new ArrayList<>();

        @Nullable
        Inbox snapshot;
    }

    private final LongFunction<@Nullable String> channelNames;
    private final PostQueue posts;
    private final WrittenNotices notices;
    private final Map<Long, Changes> fresh = new LinkedHashMap<>();
    private final Map<Long, Long> owners = new HashMap<>();
    private final UnsafeBuffer value = new UnsafeBuffer(new byte[InboxKeys.PROGRESS_LENGTH]);
    private volatile boolean isIndexNew;
    private boolean hasProgress;
    private long told;
    private volatile long done = MessageLog.NULL_POSITION;
    private long restored = MessageLog.NULL_POSITION;
    private long written = MessageLog.NULL_POSITION;

    /**
     * @param channelNames gives the name of a channel by its id, or null
     * @param told last position of the log: of notices behind it somebody is told once they are there
     */
    InboxFollower(LongFunction<@Nullable String> channelNames, PostQueue posts, WrittenNotices notices, long told) {
        this.channelNames = channelNames;
        this.posts = posts;
        this.notices = notices;
        this.told = told;
    }

    @Override
    public int id() {
        return ID;
    }

    /**
     * Whether the index knew nothing of what the notifier has done, but for what a snapshot said, when it was brought up to date. Any thread, after that.
     */
    boolean isIndexNew() {
        return isIndexNew;
    }

    /** The notifier is done with all documents up to this one, durably. The notifier's thread. */
    void done(long position) {
        done = position;
    }

    @Override
    public void onDocument(LogDocument document) {
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        DirectBuffer buffer = document.buffer();
        boolean hasPost = false;
        for (int run = 0; run < document.runCount(); run++) {
            for (int i = 0, n = document.recordCount(run); i < n; i++) {
                int offset = document.recordOffset(run, i);
                hasPost = hasPost || StoredPost.isStored(buffer, offset);
                if (InboxEvent.isStored(buffer, offset) && document.isIntact(run, i)) {
                    take(document, run, i, offset);
                }
            }
        }
        if (hasPost) {
            posts.add(document.position());
        }
        told = Math.max(told, document.position());
    }

    private void take(LogDocument document, int run, int record, int offset) {
        long channel = document.channel(run);
        long owner = owner(channel);
        InboxEvent event = owner == NOBODY
                ? null
                : InboxEvent.ofStored(document.buffer(), offset, document.recordLength(run, record), owner);
        if (event != null) {
            changes(channel).events.add(new Said(document.firstSequence(run) + record, event));
            if (event.notice() != null && document.position() > told) {
                notices.add(owner, document.firstSequence(run) + record, event.notice());
            }
        }
    }

    private Changes changes(long inbox) {
        return fresh.computeIfAbsent(inbox, key -> new Changes());
    }

    private long owner(long channel) {
        Long known = owners.get(channel);
        if (known != null) {
            return known;
        }
        if (owners.size() >= MAX_KNOWN_OWNERS) {
            owners.clear();
        }
        String name = channelNames.apply(channel);
        OptionalLong owner = name == null ? OptionalLong.empty() : InboxName.owner(name);
        owners.put(channel, owner.orElse(NOBODY));
        return owner.orElse(NOBODY);
    }

    @Override
    public void onSnapshot(long channel, long key1, long key2, DirectBuffer state, int offset, int length) {
        if (key1 == InboxKeys.PROGRESS) {
            restored = Math.max(restored, state.getLong(offset, LITTLE_ENDIAN));
        } else {
            Changes changes = changes(channel);
            if (changes.snapshot == null) {
                changes.snapshot = new Inbox();
            }
            changes.snapshot.put(key1, key2, state, offset, length);
        }
    }

    /** Who has to do with a channel is told again by the inboxes; their states are longer than that. */
    @Override
    public boolean isCurrent(DirectBuffer state, int offset, int length) {
        return length != InboxKeys.USER_LENGTH;
    }

    @Override
    public void onCheckpoint(StateWriter writer) {
        fresh.forEach((inbox, changes) -> fold(writer, inbox, changes));
        fresh.clear();
        if (!hasProgress) {
            hasProgress = true;
            if (!writer.state(InboxKeys.NO_CHANNEL, InboxKeys.PROGRESS, 0, (key1, key2, state, offset, length) -> {})) {
                isIndexNew = true;
                written = NOTHING_WRITTEN;
            }
        }
        long position = Math.max(done, restored);
        if (position != written) {
            value.putLong(0, position, LITTLE_ENDIAN);
            value.putLong(Long.BYTES, 0, LITTLE_ENDIAN);
            writer.put(InboxKeys.NO_CHANNEL, InboxKeys.PROGRESS, 0, value, 0, InboxKeys.PROGRESS_LENGTH);
            written = position;
        }
    }

    private void fold(StateWriter writer, long channel, Changes changes) {
        InboxFold inbox = new InboxFold(writer, channel);
        if (changes.snapshot != null) {
            inbox.merge(changes.snapshot);
        }
        for (Said said : changes.events) {
            inbox.apply(said.sequence, said.event);
        }
        inbox.write(owner(channel));
    }

    @Override
    public void onRollback() {
        fresh.clear();
        written = MessageLog.NULL_POSITION;
        hasProgress = false;
    }
}
