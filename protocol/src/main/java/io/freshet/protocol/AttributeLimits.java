package io.freshet.protocol;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.LiveSettings;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the attributes of a channel may hold, looked at alone. Lengths are bytes of UTF-8. A client may ask before it sends; a
 * server refuses what is outside with INVALID_ATTRIBUTES.
 */
public final class AttributeLimits {
    public static final int LENGTH = 4_096;
    public static final int TITLE_LENGTH = 200;
    public static final int TOPIC_LENGTH = 1_024;
    public static final int MEMBER_COUNT = 50;
    public static final int SLOW_MODE_MS = 6 * 60 * 60 * 1_000;
    public static final int SAMPLE_RATE = 1_000;
    public static final int COUNTER_COUNT = 16;
    public static final int COUNTER_LENGTH = 32;
    public static final int ROOM_CAPACITY = 100;
    public static final int EXTENSION_DATA_LENGTH = 1_024;

    private AttributeLimits() {}

    /** What is wrong with these attributes, as a sentence for people, or null when nothing is. */
    public static @Nullable String violation(ChannelAttributes attributes) {
        int length = attributes.getSerializedSize();
        if (length > LENGTH) {
            return over("the attributes", length, LENGTH);
        }
        if (attributes.getKind() == ChannelKind.UNRECOGNIZED) {
            return "kind " + attributes.getKindValue() + " is not known";
        }
        String kind = violationOfKind(attributes);
        if (kind != null) {
            return kind;
        }
        if (attributes.getDeleted()) {
            return violationOfDeleted(attributes);
        }
        String text = violationOfText(attributes);
        if (text != null) {
            return text;
        }
        if (Integer.compareUnsigned(attributes.getSlowModeMs(), SLOW_MODE_MS) > 0) {
            return "a slow mode of " + Integer.toUnsignedString(attributes.getSlowModeMs()) + " ms; the limit is "
                    + SLOW_MODE_MS;
        }
        String live = attributes.hasLive() ? violation(attributes.getLive()) : null;
        return live != null ? live : violationOfRoom(attributes);
    }

    private static @Nullable String violationOfKind(ChannelAttributes attributes) {
        boolean isThread = attributes.getKind() == ChannelKind.CHANNEL_KIND_THREAD;
        if (isThread != attributes.hasParent()) {
            return "a thread has a parent, and no other channel has";
        }
        if (isThread
                && (attributes.getParent().getChannel() == 0
                        || attributes.getParent().getPost() <= 0)) {
            return "a parent is a channel and a sequence of it";
        }
        if (attributes.hasLive() && attributes.getKind() != ChannelKind.CHANNEL_KIND_LIVE) {
            return "only a live channel has settings of one";
        }
        return null;
    }

    private static @Nullable String violationOfDeleted(ChannelAttributes attributes) {
        ChannelAttributes.Builder rest = ChannelAttributes.newBuilder()
                .setKind(attributes.getKind())
                .setDeleted(true)
                .setChangedBy(attributes.getChangedBy());
        if (attributes.hasParent()) {
            rest.setParent(attributes.getParent());
        }
        if (attributes.hasReplaces()) {
            rest.setReplaces(attributes.getReplaces());
        }
        return rest.build().equals(attributes)
                ? null
                : "a deleted channel has a kind, perhaps a parent, and nothing more";
    }

    private static @Nullable String violationOfText(ChannelAttributes attributes) {
        ByteString title = attributes.getTitleBytes();
        if (title.size() > TITLE_LENGTH) {
            return over("the title", title.size(), TITLE_LENGTH);
        }
        if (hasControl(attributes.getTitle())) {
            return "the title has a control character";
        }
        int topicLength = attributes.getTopicBytes().size();
        if (topicLength > TOPIC_LENGTH) {
            return over("the topic", topicLength, TOPIC_LENGTH);
        }
        if (attributes.hasExtension()) {
            Extension extension = attributes.getExtension();
            int typeLength = extension.getTypeBytes().size();
            if (typeLength < 1 || typeLength > ContentLimits.EXTENSION_TYPE_LENGTH) {
                return "the type of an extension has " + typeLength + " bytes; it has 1 to "
                        + ContentLimits.EXTENSION_TYPE_LENGTH;
            }
            if (extension.getData().size() > EXTENSION_DATA_LENGTH) {
                return over("the data of an extension", extension.getData().size(), EXTENSION_DATA_LENGTH);
            }
        }
        return violationOfMembers(attributes);
    }

    private static @Nullable String violationOfMembers(ChannelAttributes attributes) {
        List<Long> members = attributes.getMembersList();
        boolean isDirect = attributes.getKind() == ChannelKind.CHANNEL_KIND_DIRECT;
        boolean mayHave = isDirect || attributes.getKind() == ChannelKind.CHANNEL_KIND_THREAD;
        if ((isDirect && members.isEmpty()) || (!mayHave && !members.isEmpty())) {
            return "a direct channel has members, and none but it and its threads has";
        }
        if (members.size() > MEMBER_COUNT) {
            return members.size() + " members; the limit is " + MEMBER_COUNT;
        }
        long last = 0;
        for (long member : members) {
            if (Long.compareUnsigned(member, last) <= 0) {
                return "members are principals, each once, by rising id";
            }
            last = member;
        }
        return null;
    }

    private static @Nullable String violation(LiveSettings live) {
        if (Integer.compareUnsigned(live.getSampleRate(), SAMPLE_RATE) > 0) {
            return "a sample rate of " + Integer.toUnsignedString(live.getSampleRate()) + "; the limit is "
                    + SAMPLE_RATE;
        }
        if (live.getCountersCount() > COUNTER_COUNT) {
            return live.getCountersCount() + " counters; the limit is " + COUNTER_COUNT;
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < live.getCountersCount(); i++) {
            int length = live.getCountersBytes(i).size();
            String name = live.getCounters(i);
            if (length < 1 || length > COUNTER_LENGTH || hasControl(name) || !names.add(name)) {
                return "counters have different names of 1 to " + COUNTER_LENGTH + " bytes without control characters";
            }
        }
        return null;
    }

    private static @Nullable String violationOfRoom(ChannelAttributes attributes) {
        if (!attributes.hasRoom()) {
            return attributes.getKind() == ChannelKind.CHANNEL_KIND_VOICE ? "a voice channel has a room" : null;
        }
        int capacity = attributes.getRoom().getCapacity();
        return capacity < 1 || capacity > ROOM_CAPACITY
                ? "a room for " + Integer.toUnsignedString(capacity) + "; it is for 1 to " + ROOM_CAPACITY
                : null;
    }

    private static boolean hasControl(String text) {
        return text.codePoints().anyMatch(Character::isISOControl);
    }

    private static String over(String what, int length, int most) {
        return what + " has " + length + " bytes; the limit is " + most;
    }
}
