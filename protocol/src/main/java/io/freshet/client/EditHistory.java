package io.freshet.client;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.EarlierTexts;
import io.freshet.protocol.v1.ViewEdits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Reads what a post has said, by the server's service {@code freshet.v1.Views}. Whoever talks with people calls {@link
 * io.freshet.client.chat.ChatChannel#texts}. Any thread.
 */
public final class EditHistory {
    private final FreshetClient client;

    /** Asks on this client's connection. */
    public EditHistory(FreshetClient client) {
        this.client = client;
    }

    /**
     * The post and its edits, rising; the last one says what it says now. Needs the right {@code SEE_EDITS}. The server counts edits a
     * second or two behind, and leaves out those that it cannot read, or that are longer than 60 KiB.
     *
     * @param channel id of the post's channel
     * @param post its sequence
     * @return 101 records at most, on the client's thread; fails with {@code FORBIDDEN}, {@code NO_SUCH_POST}, {@code POST_DELETED} or {@code
     *     UNKNOWN_CHANNEL}
     */
    public CompletionStage<List<StoredRecord>> read(long channel, long post) {
        return read(channel, post, new ArrayList<>());
    }

    private CompletionStage<List<StoredRecord>> read(long channel, long post, List<StoredRecord> found) {
        ViewEdits question = ViewEdits.newBuilder()
                .setChannel(channel)
                .setPost(post)
                .setAfter(last(found))
                .build();
        return client.request("freshet.v1.Views/Edits", question, EarlierTexts.parser())
                .thenCompose(answer -> {
                    long before = last(found);
                    found.addAll(PageParser.records(channel, ByteString.copyFrom(answer.getRecordsList())));
                    return answer.getHasMore() && last(found) > before
                            ? read(channel, post, found)
                            : CompletableFuture.completedFuture(List.copyOf(found));
                });
    }

    private static long last(List<StoredRecord> records) {
        return records.isEmpty() ? 0 : records.get(records.size() - 1).sequence();
    }
}
