package io.freshet.client;

import io.freshet.protocol.v1.WatchGroup;
import java.util.Set;
import java.util.function.Consumer;

/** What a client wants to be told of one group, on this session and on those after it. Any thread. */
public final class PresenceWatch implements AutoCloseable {
    private final Presence presence;
    private final Consumer<? super PresenceView> listener;
    private final WatchGroup request;
    private volatile PresenceView view;
    private boolean hasBegun;

    PresenceWatch(
            Presence presence,
            String group,
            int first,
            int count,
            Set<Long> users,
            Consumer<? super PresenceView> listener) {
        this.presence = presence;
        this.listener = listener;
        request = WatchGroup.newBuilder()
                .setGroup(group)
                .setFirst(first)
                .setCount(count)
                .addAllUsers(users)
                .build();
        view = PresenceView.empty(group);
    }

    WatchGroup request() {
        return request;
    }

    String group() {
        return request.getGroup();
    }

    /** Whether it was shown something. Client's thread. */
    boolean hasBegun() {
        return hasBegun;
    }

    /** Client's thread. */
    void show(PresenceView newer) {
        hasBegun = true;
        view = newer;
        listener.accept(newer);
    }

    /** What was told last. */
    public PresenceView view() {
        return view;
    }

    /** Nothing more is told. Idempotent. */
    @Override
    public void close() {
        presence.close(this);
    }
}
