package io.freshet.engine.session;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.Principal;
import io.freshet.engine.chat.ChatEvent;
import io.freshet.engine.chat.EventDraft;
import io.freshet.engine.chat.Resolution;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.metrics.ReactorCounter;
import io.freshet.engine.routing.EventCommand;
import io.freshet.engine.routing.Producer;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The publishes of one session to one channel that wait in their order: an event until it is looked up and decided on, and whatever
 * came behind it. Owned by the session's reactor.
 *
 * <p>Those in the queue are looked up ahead, many at a time; each goes to the shard once everything before it has been decided
 * there. An event of which the shard finds that it was looked up too long ago is looked up again.
 */
final class HeldPublishes {
    /** Events looked up at a time. */
    private static final int LOOKUP_COUNT = 32;

    /** Times that an event is looked up again. */
    private static final int RETRY_COUNT = 3;

    /** What an entry takes beside its frame, about. */
    private static final int ENTRY_LENGTH = 128;

    private final SessionPublishes publishes;
    private final SessionChannel channel;
    private final Session session;
    private final SessionEnvironment environment;
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();
    /** Entries that are still to be looked up. */
    private int unaskedCount;

    private boolean isLookingUp;
    private boolean isAdvancing;
    /** The first was given to the shard, which has not answered. */
    private boolean isDeciding;

    private boolean isClosed;

    /** One publish. */
    private static final class Entry {
        final long nonce;
        final @Nullable ByteBuf frame;
        final @Nullable EventDraft draft;
        final int retryAfterMs;

        @Nullable
        ErrorCode refusal;

        @Nullable
        Resolution found;

        boolean isAsked;
        /** Read by whoever is about to ask the policy. */
        volatile boolean isAwaitingPolicy;

        long deadlineNs;

        @Nullable
        ErrorCode mentionRefusal;

        int retryCount;

        Entry(
                long nonce,
                @Nullable ByteBuf frame,
                @Nullable EventDraft draft,
                @Nullable ErrorCode refusal,
                int retryAfterMs) {
            this.nonce = nonce;
            this.frame = frame;
            this.draft = draft;
            this.refusal = refusal;
            this.retryAfterMs = retryAfterMs;
        }

        int length() {
            return ENTRY_LENGTH + (frame == null ? 0 : frame.capacity());
        }

        boolean isToBeLookedUp() {
            return refusal == null && draft != null && draft.namesPost() && found == null && !isAsked;
        }

        boolean isReady() {
            boolean isFound = draft == null || !draft.namesPost() || found != null;
            return refusal != null || (isFound && !isAwaitingPolicy);
        }
    }

    HeldPublishes(SessionPublishes publishes, SessionChannel channel, Session session, SessionEnvironment environment) {
        this.publishes = publishes;
        this.channel = channel;
        this.session = session;
        this.environment = environment;
    }

    /** Puts a publish at the end that was refused already: its turn to be told has not come. */
    void addRefused(long nonce, ErrorCode refusal, int retryAfterMs) {
        add(new Entry(nonce, null, null, refusal, retryAfterMs));
    }

    /**
     * Puts a publish at the end. <em>Borrows</em> the buffer.
     *
     * @param draft what is to be decided on; null for one that only waits
     */
    void add(Principal sender, ByteBuf in, int frameIndex, int frameLength, @Nullable EventDraft draft) {
        ByteBuf frame = environment.allocator().directBuffer(frameLength);
        frame.writeBytes(in, frameIndex, frameLength);
        Entry entry = new Entry(RecordFrame.nonce(in, frameIndex), frame, draft, null, 0);
        add(entry);
        if (draft != null && !draft.mentioned().isEmpty() && !sender.equals(Principal.SYSTEM)) {
            askPolicy(sender, entry, draft);
        }
        advance();
    }

    private void add(Entry entry) {
        entries.addLast(entry);
        unaskedCount += entry.isToBeLookedUp() ? 1 : 0;
        publishes.held(1, entry.length());
    }

    private void askPolicy(Principal sender, Entry entry, EventDraft draft) {
        entry.isAwaitingPolicy = true;
        entry.deadlineNs = environment.clock().nowNs() + environment.limits().gateTimeoutNs();
        environment
                .checks()
                .askWhetherTheySee(
                        sender,
                        channel.id(),
                        draft.mentioned(),
                        environment,
                        () -> !entry.isAwaitingPolicy,
                        refusal -> {
                            if (entry.isAwaitingPolicy) {
                                onPolicy(entry, refusal);
                            }
                        });
    }

    private void onPolicy(Entry entry, @Nullable ErrorCode refusal) {
        entry.isAwaitingPolicy = false;
        entry.mentionRefusal = refusal;
        advance();
    }

    /** Gives up questions to the policy that were not answered in time. */
    void onTimer(long nowNs) {
        for (Entry entry : List.copyOf(entries)) {
            if (entry.isAwaitingPolicy && nowNs - entry.deadlineNs >= 0) {
                onPolicy(entry, ErrorCode.POLICY_UNAVAILABLE);
            }
        }
    }

    /** Goes on as far as it can without waiting. */
    private void advance() {
        if (isAdvancing) {
            return;
        }
        isAdvancing = true;
        try {
            handOnReady();
        } finally {
            isAdvancing = false;
        }
        if (!isClosed && entries.isEmpty()) {
            publishes.letGo(channel);
        }
    }

    private void handOnReady() {
        Entry first = firstAsked();
        while (first != null && !isDeciding && !isClosed && first.isReady()) {
            if (first.refusal != null) {
                remove(first);
                session.onRefused(channel.id(), first.nonce, 1, first.refusal, first.retryAfterMs);
            } else {
                handOn(first);
            }
            first = firstAsked();
        }
    }

    /**
     * The first entry, once the look-up that it needs is under way: each time, since the shard and the reader may answer at once, within
     * {@link #advance}, and leave entries that nobody would ask for again.
     */
    private @Nullable Entry firstAsked() {
        lookUp();
        return entries.peekFirst();
    }

    private void handOn(Entry first) {
        EventDraft draft = first.draft;
        ByteBuf frame = first.frame;
        assert frame != null;
        if (draft == null) {
            entries.removeFirst(); // so that it is let go of once, should this be the end of the session
            try {
                publishes.handOn(channel, frame, 0, frame.readableBytes());
            } catch (OutOfMemoryError e) { // Netty's, of direct memory; nothing was taken
                session.onRefused(channel.id(), first.nonce, 1, ErrorCode.OVERLOADED, 0);
            } finally {
                release(first);
            }
            return;
        }
        isDeciding = true;
        ErrorCode refusal = give(first, frame, draft);
        publishes.onGiven(channel);
        if (refusal != null) {
            onDecided(first, refusal, 0);
        }
    }

    private @Nullable ErrorCode give(Entry first, ByteBuf frame, EventDraft draft) {
        Producer producer = channel.producer();
        assert producer != null;
        EventCommand command = new EventCommand(
                draft.event(), first.found, draft.mentioned(), channel.access().rights(), refusal(first, draft));
        try {
            return channel.gateway()
                    .publish(
                            producer,
                            frame,
                            0,
                            frame.readableBytes(),
                            command,
                            (decided, retryAfterMs) -> onDecided(first, decided, retryAfterMs));
        } catch (OutOfMemoryError e) { // likewise
            return ErrorCode.OVERLOADED;
        }
    }

    private @Nullable ErrorCode refusal(Entry first, EventDraft draft) {
        boolean mayMentionAll = channel.access().has(ChannelRight.MENTION_EVERYONE) || !draft.isForEveryone();
        return mayMentionAll ? first.mentionRefusal : ErrorCode.MENTION_REFUSED;
    }

    private void onDecided(Entry first, @Nullable ErrorCode refusal, int retryAfterMs) {
        if (isClosed) {
            return;
        }
        isDeciding = false;
        if (refusal == ErrorCode.STALE_VIEW && first.retryCount < RETRY_COUNT) {
            environment.counters().add(ReactorCounter.EVENTS_LOOKED_UP_AGAIN, 1);
            first.retryCount++;
            lookUpAgain(first.found);
        } else {
            remove(first);
            if (refusal != null) {
                session.onRefused(channel.id(), first.nonce, 1, refusal, retryAfterMs);
            }
        }
        advance();
    }

    /** What was looked up as early as this is too old for those behind as well. */
    private void lookUpAgain(@Nullable Resolution stale) {
        assert stale != null;
        for (Entry entry : entries) {
            if (entry.found != null && entry.found.upTo() <= stale.upTo()) {
                entry.found = null;
                entry.isAsked = false;
                unaskedCount += entry.isToBeLookedUp() ? 1 : 0;
            }
        }
    }

    /** Asks for what the next events name, unless an answer is under way. */
    private void lookUp() {
        if (isLookingUp || isClosed || unaskedCount == 0 || !publishes.mayLookUp(this)) {
            return;
        }
        List<Entry> asked = new ArrayList<>();
        List<ChatEvent> events = new ArrayList<>();
        for (Entry entry : entries) {
            if (asked.size() == LOOKUP_COUNT) {
                break;
            }
            if (entry.draft != null && entry.isToBeLookedUp()) {
                asked.add(entry);
                events.add(entry.draft.event());
            }
        }
        isLookingUp = true;
        unaskedCount -= asked.size();
        asked.forEach(entry -> entry.isAsked = true);
        environment
                .checks()
                .lookUp(channel.id(), events, found -> onFound(asked, found), failure -> onNotFound(asked, failure));
    }

    private void onFound(List<Entry> asked, List<Resolution> found) {
        for (int i = 0; i < asked.size(); i++) {
            asked.get(i).found = found.get(i);
        }
        lookedUp();
    }

    private void onNotFound(List<Entry> asked, RuntimeException failure) {
        ErrorCode code = ReaderProxy.codeOf(failure);
        asked.forEach(entry -> entry.refusal = code);
        lookedUp();
    }

    private void lookedUp() {
        isLookingUp = false;
        publishes.lookedUp();
        if (!isClosed) {
            advance();
        }
    }

    /** It may look up now what it could not before. */
    void resume() {
        if (!isClosed) {
            advance();
        }
    }

    private void remove(Entry first) {
        assert entries.peekFirst() == first;
        entries.removeFirst();
        release(first);
    }

    private void release(Entry entry) {
        publishes.held(-1, -entry.length());
        if (entry.frame != null) {
            entry.frame.release();
        }
    }

    /** The channel is not open any more: what waits is not answered. Idempotent. */
    void close() {
        isClosed = true;
        for (Entry entry : entries) {
            entry.isAwaitingPolicy = false;
            release(entry);
        }
        entries.clear();
    }
}
