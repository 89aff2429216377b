package io.freshet.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.InboxState;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.ReadInbox;
import io.freshet.protocol.v1.ReadMark;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The inbox of this client's user, the same on every device: what was read, what the user wants to be told of, and what there is
 * to hear. Any thread may call it; stages complete on the client's thread.
 */
public final class Inbox {
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(1);

    private final ClientCore core;
    private final Supplier<Channel> channel;
    private final ReadMarks reads;
    private final InboxFold fold = new InboxFold();
    private volatile boolean isFollowed;
    /** Whether everything that holds is known here, as far as the server knows. */
    private volatile boolean isWhole;

    Inbox(ClientCore core, Supplier<Channel> channel) {
        this.core = core;
        this.channel = channel;
        reads = new ReadMarks(core, channel);
    }

    /**
     * Follows the inbox, from everything that is kept of it on; of what is kept no more, marks and settings come as well, as far as they still count.
     *
     * @return once the listener has heard all that was there; fails with {@code ALREADY_OPEN} when it is followed already
     */
    public CompletionStage<Void> follow(InboxListener listener) {
        Follower follower = new Follower(Objects.requireNonNull(listener, "listener"));
        return channel.get().subscribe(Cursor.first(), follower).thenCompose(follower::begin);
    }

    /** What the user has set, one setting a scope; complete once {@link #follow} has completed. */
    public List<NotificationSetting> settings() {
        return fold.settings();
    }

    /** Up to where the user has read a channel, as far as it is known here; 0 when nothing is. */
    public long readUpTo(long channelId) {
        return fold.readUpTo(channelId);
    }

    /**
     * The user has read a channel up to this record. The server hears of it once a second and channel at most, and only when it is
     * more than before.
     *
     * @param sequence from 1
     * @return once it is taken on; fails with {@code OVERLOADED} when too many channels were marked of late
     */
    public CompletionStage<Void> markRead(long channelId, long sequence) {
        if (channelId == 0 || sequence < 1) {
            throw new IllegalArgumentException(
                    "channel " + channelId + ", sequence " + sequence + ": neither may be 0 or less");
        }
        if (sequence <= readUpTo(channelId)) {
            return CompletableFuture.completedFuture(null);
        }
        return core.request(request -> {
            fold.mark(channelId, sequence);
            reads.mark(channelId, sequence, request);
        });
    }

    /**
     * Says what the user wants within a scope, in place of what was said of it before.
     *
     * @throws IllegalArgumentException when it has no scope or a value outside its limits
     */
    public CompletionStage<Receipt> set(NotificationSetting setting) {
        String violation = InboxEvents.violation(setting);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        return channel.get().publish(EventKind.SETTING.code(), setting.toByteArray());
    }

    /**
     * Mutes a scope until a time, and leaves the rest of its setting as it is; null until it is switched on again, and a time that is over
     * switches it on. Fails with {@code NOT_OPEN} unless the inbox is followed and {@link #follow} has completed, since the rest is not known
     * then.
     */
    public CompletionStage<Receipt> mute(InboxScope scope, @Nullable Instant until) {
        if (!isFollowed || !isWhole) {
            return CompletableFuture.failedFuture(
                    FreshetException.refused(ErrorCode.NOT_OPEN, "the inbox is not followed", 0));
        }
        return set(
                fold.setting(scope).toBuilder().setMutedUntilUs(untilUs(until)).build());
    }

    private static long untilUs(@Nullable Instant until) {
        if (until == null) {
            return InboxEvents.UNTIL_SWITCHED_ON;
        }
        Duration since1970 = Duration.between(Instant.EPOCH, until);
        return since1970.isNegative() ? 0 : Math.multiplyExact(since1970.toMillis(), 1_000L);
    }

    /** Folds the inbox, and tells the listener what changed. Client's thread. */
    private final class Follower implements RecordHandler {
        private final InboxListener listener;
        private final CompletableFuture<Void> caughtUp = new CompletableFuture<>();
        private long head = Long.MAX_VALUE;
        private long last;
        /** Whether answers of the server are to come. */
        private boolean isAsking;
        /** How often it was asked from the start; only the last counts. */
        private long asked;

        Follower(InboxListener listener) {
            this.listener = listener;
        }

        CompletionStage<Void> begin(Subscription subscription) {
            head = subscription.channel().head();
            isFollowed = true;
            if (subscription.channel().first() > 1) {
                ask();
            }
            passed(last);
            return caughtUp;
        }

        /** Has the server say what it knows from records that are not there any more. */
        private void ask() {
            isAsking = true;
            isWhole = false;
            ask(++asked, 0);
        }

        private void ask(long question, long after) {
            CompletionStage<InboxState> unused = core.call(
                            "freshet.v1.Inbox/Read",
                            ReadInbox.newBuilder().setAfter(after).build().toByteString(),
                            InboxState.parser(),
                            core.requestTimeoutNs())
                    .whenComplete((state, failure) -> {
                        if (question == asked && isFollowed && failure == null) {
                            answered(question, state);
                        } else if (question == asked && isFollowed) {
                            onUnanswered(question, failure);
                        }
                    });
        }

        private void onUnanswered(long question, Throwable failure) {
            if (ReadMarks.isWorthAnother(failure)) {
                core.schedule(() -> askAgain(question), RETRY_NS);
            } else {
                isAsking = false;
                caughtUp.completeExceptionally(failure);
            }
        }

        private void answered(long question, InboxState state) {
            long highest = 0;
            for (InboxState.Mark mark : state.getMarksList()) {
                highest = Math.max(highest, mark.getSaid());
                mark(mark.getChannel(), mark.getSequence());
            }
            for (InboxState.Setting setting : state.getSettingsList()) {
                highest = Math.max(highest, setting.getSaid());
                set(setting.getSaid(), setting.getSetting());
            }
            if (highest > 0) {
                ask(question, highest);
            } else {
                isAsking = false;
                passed(0);
            }
        }

        private void askAgain(long question) {
            if (question == asked && isFollowed) {
                ask(question, 0);
            }
        }

        private void passed(long sequence) {
            last = Math.max(last, sequence);
            if (last >= head && !isAsking) {
                isWhole = true;
                caughtUp.complete(null);
            }
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            try {
                if (!record.isErased()) {
                    take(record);
                }
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException("record " + record.sequence() + " of the inbox cannot be read", e);
            } finally {
                passed(record.sequence());
            }
        }

        private void take(ReceivedRecord record) throws InvalidProtocolBufferException {
            EventKind kind = EventKind.of(record.kind());
            ByteString payload = ByteString.copyFrom(record.payload());
            if (kind == EventKind.READ) {
                ReadMark mark = ReadMark.parseFrom(payload);
                mark(mark.getChannel(), mark.getSequence());
            } else if (kind == EventKind.SETTING) {
                set(record.sequence(), NotificationSetting.parseFrom(payload));
            } else if (kind == EventKind.NOTICE) {
                listener.onNotice(record.sequence(), Notice.parseFrom(payload));
            }
        }

        private void mark(long channelId, long sequence) {
            if (fold.mark(channelId, sequence)) {
                listener.onRead(channelId, sequence);
            }
        }

        private void set(long sequence, NotificationSetting setting) {
            if (fold.set(sequence, setting)) {
                listener.onSetting(setting);
            }
        }

        /** What was said in the records that are void is not known here apart from the rest. */
        @Override
        public void onRewind(int epoch, long validUpTo) {
            last = Math.min(last, validUpTo);
            head = Math.min(head, validUpTo);
            fold.clear();
            ask();
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            passed(firstSequence + count - 1);
        }

        @Override
        public void onEnd(FreshetException cause) {
            isFollowed = false;
            isWhole = false;
            caughtUp.completeExceptionally(cause);
            listener.onEnd(cause);
        }
    }
}
