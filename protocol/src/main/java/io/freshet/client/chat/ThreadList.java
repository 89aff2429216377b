package io.freshet.client.chat;

import io.freshet.client.Channel;
import io.freshet.client.Page;
import io.freshet.client.PostState;
import io.freshet.client.ThreadState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Finds the threads of a channel's last records, page by page. On the client's thread. */
final class ThreadList {
    private static final int PAGE_LIMIT = 200;

    private final Channel channel;
    private final List<ChatThread> found = new ArrayList<>();
    private int leftCount;

    /** @param recordCount how many records are looked at, the last ones */
    ThreadList(Channel channel, int recordCount) {
        this.channel = channel;
        leftCount = recordCount;
    }

    /** The threads, by rising posts. */
    CompletionStage<List<ChatThread>> read() {
        return page(0);
    }

    private CompletionStage<List<ChatThread>> page(long from) {
        int limit = Math.min(leftCount, PAGE_LIMIT);
        return channel.viewBackward(from, limit).thenCompose(page -> {
            take(page);
            leftCount -= Math.max(1, page.records().size());
            return page.nextSequence() == 0 || leftCount <= 0
                    ? CompletableFuture.completedFuture(found.stream()
                            .sorted(Comparator.comparingLong(ChatThread::post))
                            .toList())
                    : page(page.nextSequence());
        });
    }

    private void take(Page page) {
        for (PostState post : page.posts()) {
            ThreadState thread = post.thread();
            if (thread != null) {
                found.add(new ChatThread(post.sequence(), thread));
            }
        }
    }
}
