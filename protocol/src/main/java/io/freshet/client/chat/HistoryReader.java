package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads a channel backwards, with what has become of its posts, until it has some messages. Once; client's thread. */
final class HistoryReader {
    /** Records read for each message that is wanted: beside it there are what became of it, and what programs say. */
    private static final int RECORDS_PER_MESSAGE = 8;

    /** Records read in any case before it gives up. */
    private static final int MIN_RECORD_COUNT = 2_000;

    private static final int MIN_PAGE_COUNT = 50;

    private final Channel channel;
    private final int messageCount;
    private final List<Page> pages = new ArrayList<>();
    private int messages;
    private int records;

    /** @param messageCount how many are wanted */
    HistoryReader(Channel channel, int messageCount) {
        this.channel = channel;
        this.messageCount = messageCount;
    }

    /**
     * The pages with the last messages up to a sequence, ascending, and nothing before the first of these.
     *
     * @param fromSequence 0 for the head
     */
    CompletionStage<List<Page>> read(long fromSequence) {
        return channel.viewBackward(fromSequence, Math.max(MIN_PAGE_COUNT, messageCount - messages))
                .thenCompose(page -> {
                    pages.add(page);
                    records += page.records().size();
                    messages += (int)
                            page.records().stream().filter(ChatEvent::isPost).count();
                    boolean isEnough = messages >= messageCount
                            || records >= Math.max(MIN_RECORD_COUNT, RECORDS_PER_MESSAGE * messageCount);
                    return page.isLast() || isEnough
                            ? CompletableFuture.completedFuture(ascending())
                            : read(page.nextSequence());
                });
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
