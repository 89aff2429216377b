package io.freshet.engine.room;

import com.google.protobuf.MessageLite;
import io.freshet.engine.Principal;
import java.util.ArrayDeque;
import java.util.Deque;

/** A session that keeps what it is pushed, or refuses it. */
final class FakeSession implements RoomSession {
    private final long id;
    private final Principal principal;
    private final Deque<MessageLite> pushed = new ArrayDeque<>();

    /** Whether it takes what is pushed. */
    boolean reads = true;

    FakeSession(long id, long principal, String name) {
        this.id = id;
        this.principal = new Principal(principal, name);
    }

    @Override
    public long session() {
        return id;
    }

    @Override
    public Principal principal() {
        return principal;
    }

    @Override
    public boolean push(MessageLite message) {
        return reads && pushed.add(message);
    }

    /** The first push that was not looked at yet, of this type. */
    <T extends MessageLite> T next(Class<T> type) {
        return type.cast(pushed.remove());
    }

    Deque<MessageLite> pushed() {
        return pushed;
    }
}
