package io.freshet.engine.routing;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.chat.ChatEvents;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one channel is: as its last committed record says, and as those that were admitted since say, which count for what is
 * admitted behind them and are taken back when their append fails. Owned by the shard's thread.
 */
final class AttributeHistory {
    /** Admitted and not committed, the newest last. */
    private final ArrayDeque<KnownAttributes> tentative = new ArrayDeque<>(2);

    private @Nullable KnownAttributes committed;
    private @Nullable KnownAttributes latest;
    private boolean isPaceStale;
    private final List<Consumer<@Nullable KnownAttributes>> watchers = new ArrayList<>(0);

    AttributeHistory(@Nullable KnownAttributes loaded) {
        committed = loaded;
        latest = loaded;
    }

    /** As of the last committed record; what anybody outside may be told. */
    @Nullable
    KnownAttributes committed() {
        return committed;
    }

    /** As of the last admitted record. */
    @Nullable
    KnownAttributes latest() {
        return latest;
    }

    /** Why a record of this kind is not admitted, or null. What concerns the channel as a whole it takes to the end. */
    @Nullable
    ErrorCode refusal(int kind, long sender) {
        KnownAttributes now = latest;
        if (now == null) {
            return null;
        }
        if (now.isDeleted()) {
            return isForTheEngine(kind, sender) ? null : ErrorCode.UNKNOWN_CHANNEL;
        }
        boolean isTaken = kind == EventKind.ATTRIBUTES.code() || isForTheEngine(kind, sender) || isTotals(kind, sender);
        if (now.isArchived() && !isTaken) {
            return ErrorCode.CHANNEL_ARCHIVED;
        }
        return null;
    }

    private static boolean isForTheEngine(int kind, long sender) {
        return sender == Principal.SYSTEM.id() && kind >= EventKind.ERASURE.code() && kind <= EventKind.EXPIRY.code();
    }

    /** What was counted stays counted when people may not write any more. */
    private static boolean isTotals(int kind, long sender) {
        return sender == Principal.SYSTEM.id() && kind == EventKind.TOTALS.code();
    }

    /** Between two records of one sender; 0 when the attributes do not say. */
    long slowModeMs() {
        return latest == null ? 0 : latest.message().getSlowModeMs();
    }

    void admitted(KnownAttributes next) {
        isPaceStale |= next.message().getSlowModeMs() != slowModeMs();
        tentative.addLast(next);
        latest = next;
    }

    /** Takes back what was admitted above this sequence. */
    void undo(long aboveSequence) {
        long before = slowModeMs();
        while (!tentative.isEmpty() && tentative.getLast().sequence() > aboveSequence) {
            tentative.removeLast();
        }
        latest = tentative.isEmpty() ? committed : tentative.getLast();
        isPaceStale |= before != slowModeMs();
    }

    /** Everything up to this sequence is committed; whether not everybody may stay who could before. */
    boolean committed(long upToSequence) {
        boolean wasClosed = isClosed();
        boolean wasDeleted = isDeleted();
        boolean isNew = false;
        while (!tentative.isEmpty() && tentative.getFirst().sequence() <= upToSequence) {
            committed = tentative.removeFirst();
            isNew = true;
        }
        if (isNew) {
            watchers.forEach(watcher -> watcher.accept(committed));
        }
        return (isDeleted() && !wasDeleted) || (isClosed() && !wasClosed);
    }

    private boolean isDeleted() {
        return committed != null && committed.isDeleted();
    }

    private boolean isClosed() {
        return committed != null && committed.message().getMembersCount() > 0;
    }

    /** Whether this principal may go on with the channel. Of one that is over nobody is left. */
    boolean mayStay(long principal) {
        return committed == null || (!committed.isDeleted() && committed.admits(principal));
    }

    /** Has this told of what is committed, each time that it has changed. */
    void watch(Consumer<@Nullable KnownAttributes> watcher) {
        watchers.add(watcher);
    }

    void unwatch(Consumer<@Nullable KnownAttributes> watcher) {
        watchers.remove(watcher);
    }

    /** Whether the slow mode has changed since this was asked last. */
    boolean takePaceChange() {
        boolean isStale = isPaceStale;
        isPaceStale = false;
        return isStale;
    }

    /** The flags of a record of this kind: what was checked, or is the engine's own, says so. */
    static int flags(int kind, long sender) {
        boolean isChecked = ChatEvents.isChecked(kind)
                || kind == EventKind.ATTRIBUTES.code()
                || (kind == EventKind.THREAD.code() && sender == Principal.SYSTEM.id());
        return isChecked ? FrameHeader.FLAG_CHECKED : 0;
    }
}
