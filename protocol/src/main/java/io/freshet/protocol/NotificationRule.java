package io.freshet.protocol;

import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;

/**
 * Whether a user wants to hear of something, by what the user has set. A function of its arguments alone: server and clients
 * come to the same.
 *
 * <p>A setting covers a channel when its scope is that channel, a beginning of its name, or everywhere; what covers a channel covers its threads. The level is that of the
 * narrowest scope that says one: the channel, of a thread itself and then its parent's channel, then the longest space, then everywhere; without any it is ALL. A mute of any
 * scope that covers the channel holds everything but, unless that scope says otherwise, a mention of the user.
 */
public final class NotificationRule {
    private static final int OF_CHANNEL = Integer.MAX_VALUE;
    private static final int OF_PARENT = OF_CHANNEL - 1;
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
            Iterable<NotificationSetting> settings, Notice.Reason reason, PostPlace place, long nowUs) {
        NotificationLevel level = NotificationLevel.NOTIFICATION_LEVEL_ALL;
        int narrowest = NOT_COVERED;
        for (NotificationSetting setting : settings) {
            int width = narrowness(setting, place);
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
    private static int narrowness(NotificationSetting setting, PostPlace place) {
        return switch (setting.getScopeCase()) {
            case CHANNEL -> ofChannel(setting.getChannel(), place);
            case SPACE ->
                isWithin(setting.getSpace(), place) ? setting.getSpace().length() : NOT_COVERED;
            case EVERYWHERE -> OF_EVERYWHERE;
            case SCOPE_NOT_SET -> NOT_COVERED;
        };
    }

    private static int ofChannel(long channel, PostPlace place) {
        if (channel == place.channel()) {
            return OF_CHANNEL;
        }
        return place.isThread() && channel == place.parent() ? OF_PARENT : NOT_COVERED;
    }

    private static boolean isWithin(String space, PostPlace place) {
        return place.name().startsWith(space)
                || (place.isThread() && place.parentName().startsWith(space));
    }

    private static boolean passes(NotificationLevel level, Notice.Reason reason) {
        return switch (level) {
            case NOTIFICATION_LEVEL_ALL -> true;
            case NOTIFICATION_LEVEL_MENTIONS ->
                reason == Notice.Reason.REASON_MENTION
                        || reason == Notice.Reason.REASON_ROLE
                        || reason == Notice.Reason.REASON_EVERYONE
                        || reason == Notice.Reason.REASON_INVITATION;
            default -> false;
        };
    }
}
