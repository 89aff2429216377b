package io.freshet.protocol;

import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;

/**
 * Whether a user wants to hear of something, by what the user has set. A function of its arguments alone: server and clients
 * come to the same.
 *
 * <p>A setting covers a channel when its scope is that channel, a beginning of its name, or everywhere. The level is that of the
 * narrowest scope that says one: the channel, then the longest space, then everywhere; without any it is ALL. A mute of any
 * scope that covers the channel holds everything but, unless that scope says otherwise, a mention of the user.
 */
public final class NotificationRule {
    private static final int OF_CHANNEL = Integer.MAX_VALUE;
    private static final int OF_EVERYWHERE = 0;
    private static final int NOT_COVERED = -1;

    private NotificationRule() {}

    /**
     * Whether the user is to be notified.
     *
     * @param settings of the user, one a scope
     * @param nowUs microseconds since 1970 UTC
     */
    public static boolean notifies(
            Iterable<NotificationSetting> settings,
            Notice.Reason reason,
            long channel,
            String channelName,
            long nowUs) {
        NotificationLevel level = NotificationLevel.NOTIFICATION_LEVEL_ALL;
        int narrowest = NOT_COVERED;
        for (NotificationSetting setting : settings) {
            int width = narrowness(setting, channel, channelName);
            if (width == NOT_COVERED) {
                continue;
            }
            boolean isHeld =
                    isMuted(setting, nowUs) && (reason != Notice.Reason.REASON_MENTION || setting.getMutesMentions());
            if (isHeld) {
                return false;
            }
            if (width > narrowest && setting.getLevel() != NotificationLevel.NOTIFICATION_LEVEL_UNSPECIFIED) {
                narrowest = width;
                level = setting.getLevel();
            }
        }
        return passes(level, reason);
    }

    /** Whether a mute of this setting is in force. */
    public static boolean isMuted(NotificationSetting setting, long nowUs) {
        return Long.compareUnsigned(setting.getMutedUntilUs(), nowUs) > 0;
    }

    /** The longer the space the narrower; a channel is the narrowest. */
    private static int narrowness(NotificationSetting setting, long channel, String channelName) {
        return switch (setting.getScopeCase()) {
            case CHANNEL -> setting.getChannel() == channel ? OF_CHANNEL : NOT_COVERED;
            case SPACE ->
                channelName.startsWith(setting.getSpace()) ? setting.getSpace().length() : NOT_COVERED;
            case EVERYWHERE -> OF_EVERYWHERE;
            case SCOPE_NOT_SET -> NOT_COVERED;
        };
    }

    private static boolean passes(NotificationLevel level, Notice.Reason reason) {
        return switch (level) {
            case NOTIFICATION_LEVEL_ALL -> true;
            case NOTIFICATION_LEVEL_MENTIONS ->
                reason == Notice.Reason.REASON_MENTION
                        || reason == Notice.Reason.REASON_EVERYONE
                        || reason == Notice.Reason.REASON_INVITATION;
            default -> false;
        };
    }
}
