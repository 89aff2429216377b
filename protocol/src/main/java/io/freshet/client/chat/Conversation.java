package io.freshet.client.chat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.client.Page;
import io.freshet.client.PostState;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ExpiredSequences;
import io.freshet.protocol.v1.ThreadStarted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What people see of a channel: its last messages, each as it is now. A fold of the channel's records in their order and of pages that
 * show messages as they were at some sequence. In whatever order the two come, and however often, it becomes what a fresh reader
 * sees. Any thread may read it; it keeps a bounded number of messages, and the oldest go first.
 *
 * <p>Why the order does not matter: a message is known with everything up to a sequence, its page's or the last record's, whichever
 * is later; events up to there are skipped, and the events after a page's sequence are kept here for a while, to be folded into what
 * the page shows. A page too old for that is refused.
 */
public final class Conversation {
    /** Most messages that one keeps. */
    static final int WINDOW_LIMIT = 10_000;

    private final long principal;
    private final ConversationListener listener;
    private final TreeMap<Long, MessageState> window = new TreeMap<>();
    private final EventTail tail = new EventTail();
    private int windowCount;
    /** The last sequence that was folded; -1 before the beginning is known. */
    private long position = -1;
    /** Raised when records become void, and the pages that may show them. */
    private int generation;

    /**
     * An empty one.
     *
     * @param principal whose own reactions are told from others'
     * @param windowCount messages kept, from 1
     */
    Conversation(long principal, int windowCount, ConversationListener listener) {
        if (windowCount < 1) {
            throw new IllegalArgumentException("windowCount is " + windowCount + ", it must be at least 1");
        }
        this.principal = principal;
        this.windowCount = windowCount;
        this.listener = listener;
    }

    /** The messages that are kept, ascending. */
    public synchronized List<ChatMessage> messages() {
        return window.values().stream().map(MessageState::snapshot).toList();
    }

    /** The message with this sequence; null when there is none, or it is not kept. */
    public synchronized @Nullable ChatMessage message(long sequence) {
        MessageState state = window.get(sequence);
        return state == null ? null : state.snapshot();
    }

    /** Messages that are kept. */
    synchronized int count() {
        return window.size();
    }

    /** Sequence of the first message that is kept; of what comes next when none is. */
    synchronized long first() {
        return window.isEmpty() ? Math.max(0, position) + 1 : window.firstKey();
    }

    /** The messages from {@code first} on, before {@code end}, ascending. */
    synchronized List<ChatMessage> messages(long first, long end) {
        return window.subMap(first, end).values().stream()
                .map(MessageState::snapshot)
                .toList();
    }

    /** Sequence of the last record that is in here; -1 before the first. */
    public synchronized long position() {
        return position;
    }

    /** To be asked before pages are asked for, and told with them. */
    synchronized int generation() {
        return generation;
    }

    /** Whether it is known of every message that is kept what has become of it. False after a gap, until it was read anew. */
    public synchronized boolean isCertain() {
        return window.values().stream().noneMatch(MessageState::isDoubtful);
    }

    // ---- records

    /** Folds the channel's next record. One that was folded is skipped; what was not told of is taken for a gap. */
    void record(StoredRecord record) {
        List<Consumer<ConversationListener>> told = new ArrayList<>(1);
        synchronized (this) {
            if (position >= record.sequence()) {
                return;
            }
            if (position < 0) {
                begin(record.sequence() - 1);
            } else if (record.sequence() > position + 1) {
                skipTo(record.sequence() - 1, told);
            }
            position = record.sequence();
            if (ChatEvent.isPost(record)) {
                post(record, told);
            } else {
                other(record, told);
            }
        }
        told.forEach(each -> each.accept(listener));
    }

    private void post(StoredRecord record, List<Consumer<ConversationListener>> told) {
        if (window.containsKey(record.sequence())) {
            return; // a page was faster
        }
        MessageState state = new MessageState(record, record.sequence());
        put(state);
        ChatMessage message = state.snapshot();
        told.add(to -> to.onMessage(message));
    }

    private void other(StoredRecord record, List<Consumer<ConversationListener>> told) {
        List<ChatEvent> events = ChatEvent.of(record);
        for (ChatEvent event : events) {
            tail.add(event);
            MessageState state = named(event);
            if (state != null && isNews(event, state.upTo()) && (!state.isDoubtful() || isFinal(event))) {
                state.apply(event, principal);
                told.add(change(event, state.snapshot()));
            }
        }
        EventKind kind = EventKind.of(record.kind());
        if (kind == EventKind.EXPIRY && record.sender() == 0) {
            expire(record);
        } else if (kind == EventKind.THREAD && record.isChecked()) {
            thread(record, told);
        } else if (events.isEmpty()) {
            told.add(to -> to.onOther(record));
        }
    }

    /** Bytes are wiped some time after it was said that they are: a page that knows of it may still show them. */
    private static boolean isNews(ChatEvent event, long upTo) {
        return event.sequence() > upTo || event.kind() == EventKind.ERASURE;
    }

    /** Whatever else has become of the message: nobody is to see any longer what it said. */
    private static boolean isFinal(ChatEvent event) {
        return event.kind() == EventKind.DELETE || event.kind() == EventKind.ERASURE;
    }

    private @Nullable MessageState named(ChatEvent event) {
        MessageState state = window.get(event.target());
        if (state == null && event.kind() == EventKind.ERASURE) {
            for (MessageState each : window.values()) {
                if (each.isNamedBy(event)) {
                    return each;
                }
            }
        }
        return state;
    }

    private static Consumer<ConversationListener> change(ChatEvent event, ChatMessage message) {
        long user = event.sender();
        return switch (event.kind()) {
            case EDIT -> to -> to.onEdit(message);
            case DELETE -> to -> to.onDelete(message, user);
            case REACT, UNREACT ->
                to -> to.onReaction(message, event.reaction(), user, event.kind() == EventKind.REACT);
            case PIN, UNPIN -> to -> to.onPin(message, user, event.kind() == EventKind.PIN);
            default -> to -> to.onErase(message);
        };
    }

    private void expire(StoredRecord record) {
        try {
            ExpiredSequences expired = ExpiredSequences.parseFrom(record.payload());
            if (expired.getFirst() < expired.getEnd()) {
                window.subMap(expired.getFirst(), expired.getEnd()).clear();
            }
        } catch (InvalidProtocolBufferException e) {
            // A server that writes this has said nothing.
        }
    }

    private static void thread(StoredRecord record, List<Consumer<ConversationListener>> told) {
        try {
            ThreadStarted started = ThreadStarted.parseFrom(record.payload());
            told.add(to ->
                    to.onThread(started.getPost(), started.getChannel(), started.getTitle(), started.getStartedBy()));
        } catch (InvalidProtocolBufferException e) {
            // It is erased, and tells of no thread any more.
        }
    }

    private void put(MessageState state) {
        window.put(state.sequence(), state);
        while (window.size() > windowCount) {
            window.pollFirstEntry();
        }
    }

    // ---- what is missing

    /** These sequences will not come; if they {@code expired}, what lies before them is gone as well. */
    void gap(long firstSequence, long count, boolean expired) {
        List<Consumer<ConversationListener>> told = new ArrayList<>(1);
        synchronized (this) {
            long last = firstSequence + count - 1;
            if (position < 0) {
                begin(last);
            } else if (last > position) {
                skipTo(last, told);
            }
            if (expired) {
                window.headMap(last, true).clear();
            }
        }
        told.forEach(each -> each.accept(listener));
    }

    /** Records above this sequence are void, and come anew. */
    void rewind(long validUpTo) {
        synchronized (this) {
            generation++;
            window.tailMap(validUpTo, false).clear();
            for (MessageState state : window.values()) {
                if (Math.max(state.upTo(), position) > validUpTo) {
                    state.doubt();
                }
            }
            if (position > validUpTo) {
                begin(validUpTo);
            }
        }
        listener.onDoubt();
    }

    private void skipTo(long last, List<Consumer<ConversationListener>> told) {
        begin(last);
        for (MessageState state : window.values()) {
            if (state.upTo() < last) {
                state.doubt();
            }
        }
        told.add(ConversationListener::onDoubt);
    }

    private void begin(long last) {
        position = last;
        tail.restart(last + 1);
    }

    // ---- pages

    /**
     * Takes messages as a server showed them, of one part of the channel.
     *
     * @param pages with what has become of the posts on them, ascending; what is missing between their records is no message
     * @param asked what {@link #generation} was before the first of them was asked for
     * @return false when one of them shows what was so long ago that it is not known what came since, or may show records that are void:
     *     then nothing was taken
     */
    boolean history(List<Page> pages, int asked) {
        List<StoredRecord> records = new ArrayList<>();
        List<MessageState> states = new ArrayList<>();
        long upTo = Long.MAX_VALUE;
        for (Page page : pages) {
            records.addAll(page.records());
            addStates(states, page);
            upTo = Math.min(upTo, page.postsUpTo());
        }
        return page(records, states, upTo, asked);
    }

    private static void addStates(List<MessageState> states, Page page) {
        Map<Long, PostState> posts = new HashMap<>();
        page.posts().forEach(post -> posts.put(post.sequence(), post));
        for (StoredRecord record : page.records()) {
            if (ChatEvent.isPost(record)) {
                MessageState state = new MessageState(record, Math.max(page.postsUpTo(), record.sequence()));
                PostState post = posts.get(record.sequence());
                if (post != null) {
                    state.show(post);
                }
                states.add(state);
            }
        }
    }

    /**
     * {@link #history} of what comes right before the messages that are kept.
     *
     * @param first what {@link #first} was when the pages were asked for; when it is not that any more, they are refused
     */
    synchronized boolean earlier(List<Page> pages, long first, int asked) {
        return first == first() && history(pages, asked);
    }

    /** Keeps that many more messages than there are now, within the limit; false when there is no room for any. */
    synchronized boolean makeRoom(int messageCount) {
        windowCount = Math.max(windowCount, Math.min(WINDOW_LIMIT, window.size() + messageCount));
        return window.size() < windowCount;
    }

    private boolean page(List<StoredRecord> records, List<MessageState> states, long upTo, int asked) {
        List<ChatMessage> shown = new ArrayList<>();
        synchronized (this) {
            if (asked != generation) {
                return false;
            }
            long last = records.isEmpty() ? 0 : records.get(records.size() - 1).sequence();
            if (position < 0) {
                begin(Math.min(upTo, last));
            } else if (upTo < tail.first() - 1) {
                return false;
            }
            states.forEach(this::show);
            records.forEach(this::erase);
            if (!records.isEmpty()) {
                window.headMap(last, true).values().removeIf(MessageState::isDoubtful); // the page would have them
                window.subMap(records.get(0).sequence(), true, last, true)
                        .values()
                        .forEach(state -> shown.add(state.snapshot()));
            }
        }
        if (!shown.isEmpty()) {
            listener.onHistory(shown);
        }
        return true;
    }

    private void show(MessageState state) {
        MessageState known = window.get(state.sequence());
        if (known != null && !known.isDoubtful() && Math.max(known.upTo(), position) >= state.upTo()) {
            if (state.isErased()) {
                known.erase(state.sequence());
            }
            return;
        }
        tail.forEach(event -> {
            if (isNews(event, state.upTo()) && state.isNamedBy(event)) {
                state.apply(event, principal);
            }
        });
        put(state);
    }

    private void erase(StoredRecord record) {
        if (record.kind() == EventKind.ERASURE.code()) {
            for (ChatEvent event : ChatEvent.of(record)) {
                MessageState state = named(event);
                if (state != null) {
                    state.apply(event, principal);
                }
            }
        }
    }
}
