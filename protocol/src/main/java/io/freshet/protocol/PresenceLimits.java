package io.freshet.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the requests of presence may hold. A client asks before it sends; a server refuses what is outside with INVALID_ARGUMENT. */
public final class PresenceLimits {
    /** Bytes of UTF-8. */
    public static final int STATUS_LENGTH = 128;

    /** Groups that a session is in. */
    public static final int GROUP_COUNT = 100;

    /** Groups that a session looks at. */
    public static final int WATCH_COUNT = 16;

    /** Members of a window. */
    public static final int WINDOW_COUNT = 100;

    /** Users by number of one watch. */
    public static final int USER_COUNT = 1_000;

    private PresenceLimits() {}

    /** What is wrong with this status, as a sentence for people, or null when nothing is. */
    public static @Nullable String statusViolation(String status) {
        return status.getBytes(StandardCharsets.UTF_8).length > STATUS_LENGTH
                        || status.chars().anyMatch(Character::isISOControl)
                ? "a status is at most " + STATUS_LENGTH + " bytes without control characters"
                : null;
    }

    /** What is wrong with being in these groups, or null when nothing is. */
    public static @Nullable String groupsViolation(Set<String> names) {
        return names.size() > GROUP_COUNT || names.stream().anyMatch(name -> ChannelName.violation(name) != null)
                ? "a session is in " + GROUP_COUNT + " groups at most, and each has the name of a channel"
                : null;
    }

    /**
     * What is wrong with looking at a group so, or null when nothing is.
     *
     * @param first place of the first member of the window
     * @param count members of the window
     * @param userCount users by number
     */
    public static @Nullable String watchViolation(String group, int first, int count, int userCount) {
        return first < 0
                        || count < 0
                        || count > WINDOW_COUNT
                        || userCount > USER_COUNT
                        || ChannelName.violation(group) != null
                ? "a group has the name of a channel, a window at most " + WINDOW_COUNT + " members, and " + USER_COUNT
                        + " users are the most to ask for"
                : null;
    }
}
