package io.freshet.client.chat;

import io.freshet.client.StoredRecord;
import io.freshet.protocol.v1.Content;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a message has said for a while, or says now.
 *
 * @param sequence of the record that said it: the message itself, or one of its edits
 * @param sender id of the principal that wrote this; an edit may be another's than the message
 * @param timestampUs since when, microseconds since 1970 UTC
 * @param content what it said
 */
public record MessageText(long sequence, long sender, long timestampUs, Content content) {
    /** What these records say, a message and its edits; those whose content is erased say nothing. */
    static List<MessageText> of(List<StoredRecord> records) {
        return records.stream().flatMap(MessageText::of).toList();
    }

    private static Stream<MessageText> of(StoredRecord record) {
        Stream<Content> said = ChatEvent.isPost(record)
                ? Stream.ofNullable(ChatEvent.contentOf(record))
                : ChatEvent.of(record).stream().map(ChatEvent::content);
        return said.map(content -> new MessageText(
                record.sequence(), record.sender(), record.timestampUs(), Objects.requireNonNull(content)));
    }

    /** What it said. */
    public String text() {
        return content.getText();
    }
}
