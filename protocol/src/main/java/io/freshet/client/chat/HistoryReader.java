package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Reads a channel backwards from its head until it has some messages. Client's thread. */
final class HistoryReader {
    /** Records read for each message that is wanted: beside it there are what became of it, and what programs say. */
    private static final int RECORDS_PER_MESSAGE = 8;

    private static final int MIN_PAGE_COUNT = 50;

    private final Channel channel;
    private final int messageCount;
    private final List<Page> pages = new ArrayList<>();
    private int messages;
    private int records;

    HistoryReader(Channel channel, int messageCount) {
        this.channel = channel;
        this.messageCount = messageCount;
    }

    /** The channel's last records, ascending. */
    CompletionStage<List<StoredRecord>> read() {
        return readFrom(0);
    }

    private CompletionStage<List<StoredRecord>> readFrom(long fromSequence) {
        return channel.fetchBackward(fromSequence, Math.max(MIN_PAGE_COUNT, messageCount - messages))
                .thenCompose(page -> {
                    pages.add(page);
                    records += page.records().size();
                    messages += (int)
                            page.records().stream().filter(ChatEvent::isPost).count();
                    boolean isEnough = messages >= messageCount || records >= RECORDS_PER_MESSAGE * messageCount;
                    return page.isLast() || isEnough
                            ? CompletableFuture.completedFuture(ascending())
                            : readFrom(page.nextSequence());
                });
    }

    private List<StoredRecord> ascending() {
        List<StoredRecord> ascending = new ArrayList<>(records);
        for (int i = pages.size() - 1; i >= 0; i--) {
            ascending.addAll(pages.get(i).records());
        }
        return ascending;
    }
}
