package io.freshet.client;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ThreadView;
import java.util.ArrayList;
import java.util.List;

/**
 * The thread of a post, without what is said there: as a {@link Page} tells it, up to a record of the thread's channel.
 *
 * @param channel id of the thread's channel
 * @param title empty also when the server did not know it yet
 * @param replyCount posts there that are not deleted
 * @param lastSequence of the last post there, deleted or not; 0 when there is none
 * @param lastUs when that came, microseconds since 1970 UTC
 * @param participants ids of the principals who wrote there last, the latest first, {@value #PARTICIPANT_LIMIT} at most
 * @param upTo the last record of the thread's channel that is in here
 */
public record ThreadState(
        long channel,
        String title,
        long replyCount,
        long lastSequence,
        long lastUs,
        List<Long> participants,
        long upTo) {
    public static final int PARTICIPANT_LIMIT = 5;

    public ThreadState {
        participants = List.copyOf(participants);
    }

    static ThreadState of(ThreadView view) {
        return new ThreadState(
                view.getChannel(),
                view.getTitle(),
                view.getReplies(),
                view.getLastSequence(),
                view.getLastUs(),
                view.getParticipantsList(),
                view.getUpTo());
    }

    /** The same with the next record of the thread's channel. One that is in it already changes nothing. */
    public ThreadState after(StoredRecord record) {
        if (record.channel() != channel || record.sequence() <= upTo) {
            return this;
        }
        EventKind kind = record.isChecked() ? EventKind.of(record.kind()) : null;
        if (kind == EventKind.POST) {
            List<Long> writers = new ArrayList<>(participants);
            writers.remove(record.sender());
            writers.add(0, record.sender());
            return new ThreadState(
                    channel,
                    title,
                    replyCount + 1,
                    record.sequence(),
                    record.timestampUs(),
                    writers.subList(0, Math.min(writers.size(), PARTICIPANT_LIMIT)),
                    record.sequence());
        }
        long replies = kind == EventKind.DELETE ? replyCount - 1 : replyCount;
        String name = kind == EventKind.ATTRIBUTES && !record.isErased() ? title(record) : title;
        return new ThreadState(channel, name, replies, lastSequence, lastUs, participants, record.sequence());
    }

    private String title(StoredRecord record) {
        try {
            return ChannelAttributes.parseFrom(record.payload()).getTitle();
        } catch (InvalidProtocolBufferException e) {
            return title;
        }
    }
}
