package io.freshet.client;

import io.freshet.protocol.InboxEvents;
import io.freshet.protocol.v1.NotificationSetting;

/** What a notification setting is about. */
public final class InboxScope {
    private final NotificationSetting setting;

    private InboxScope(NotificationSetting setting) {
        String violation = InboxEvents.violation(setting);
        if (violation != null) {
            throw new IllegalArgumentException(violation);
        }
        this.setting = setting;
    }

    /** One channel. */
    public static InboxScope channel(long id) {
        return new InboxScope(NotificationSetting.newBuilder().setChannel(id).build());
    }

    /** The channels whose names begin with this, 1 to 255 bytes. */
    public static InboxScope space(String beginning) {
        return new InboxScope(
                NotificationSetting.newBuilder().setSpace(beginning).build());
    }

    /** Every channel. */
    public static InboxScope everywhere() {
        return new InboxScope(NotificationSetting.newBuilder()
                .setEverywhere(NotificationSetting.Everywhere.getDefaultInstance())
                .build());
    }

    static InboxScope of(NotificationSetting setting) {
        return new InboxScope(InboxEvents.scope(setting));
    }

    /** A setting of this scope that says nothing yet. */
    public NotificationSetting setting() {
        return setting;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof InboxScope that && setting.equals(that.setting);
    }

    @Override
    public int hashCode() {
        return setting.hashCode();
    }

    @Override
    public String toString() {
        return "InboxScope[" + setting.toString().strip() + "]";
    }
}
