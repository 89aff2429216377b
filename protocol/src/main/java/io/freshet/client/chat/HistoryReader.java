package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import io.freshet.protocol.EventKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads a channel backwards, with what has become of its posts, until it has some messages. Once; client's thread. */
final class HistoryReader {
    /** Records read for each message that is wanted: beside it there are what became of it, and what programs say. */
    private static final int RECORDS_PER_MESSAGE = 8;

    /** Records read in any case before it is content with fewer messages, if it has any. */
    private static final int MIN_RECORD_COUNT = 2_000;

    private static final int MIN_PAGE_COUNT = 50;
    private static final int MAX_PAGE_COUNT = 1_000;

    private final Channel channel;
    private final int messageCount;
    private final List<Page> pages = new ArrayList<>();
    private int messages;
    private int records;
    /** The least sequence up to which a page knows what has become of its posts. */
    private long upTo = Long.MAX_VALUE;

    /** @param messageCount how many are wanted */
    HistoryReader(Channel channel, int messageCount) {
        this.channel = channel;
        this.messageCount = messageCount;
    }

    /**
     * The pages with the last messages up to a sequence, ascending, and nothing before the first of these. Without a message only when
     * there is none up to the channel's beginning.
     *
     * @param fromSequence 0 for the head
     */
    CompletionStage<List<Page>> read(long fromSequence) {
        return read(fromSequence, Math.max(MIN_PAGE_COUNT, messageCount));
    }

    private CompletionStage<List<Page>> read(long fromSequence, int count) {
        return channel.viewBackward(fromSequence, count).thenCompose(page -> {
            int found = add(page);
            boolean isMuch = records >= Math.max(MIN_RECORD_COUNT, RECORDS_PER_MESSAGE * messageCount);
            if (page.isLast() || messages >= messageCount || (messages > 0 && isMuch)) {
                return CompletableFuture.completedFuture(ascending());
            }
            int missing = Math.max(MIN_PAGE_COUNT, messageCount - messages);
            return read(page.nextSequence(), found > 0 ? missing : Math.min(MAX_PAGE_COUNT, 2 * count));
        });
    }

    /** Returns how many messages it has. */
    private int add(Page page) {
        upTo = Math.min(upTo, page.postsUpTo());
        boolean isFirst = pages.isEmpty();
        List<StoredRecord> kept = isFirst
                ? page.records()
                : page.records().stream().filter(this::isNeeded).toList();
        int found = (int) kept.stream().filter(ChatEvent::isPost).count();
        pages.add(isFirst ? page : new Page(kept, page.nextSequence(), page.posts(), page.postsUpTo()));
        records += page.records().size();
        messages += found;
        return found;
    }

    /** However much was said about one message: what the posts' states have in them already takes no memory. */
    private boolean isNeeded(StoredRecord record) {
        return ChatEvent.isPost(record) || record.kind() == EventKind.ERASURE.code() || record.sequence() > upTo;
    }

    /** More than was wanted is left out. */
    private List<Page> ascending() {
        Page first = pages.get(pages.size() - 1);
        List<StoredRecord> kept = first.records();
        for (int i = 0; messages > messageCount; i++) {
            if (ChatEvent.isPost(first.records().get(i))) {
                messages--;
                kept = first.records().subList(i + 1, first.records().size());
            }
        }
        pages.set(pages.size() - 1, new Page(kept, first.nextSequence(), first.posts(), first.postsUpTo()));
        Collections.reverse(pages);
        return pages;
    }
}
