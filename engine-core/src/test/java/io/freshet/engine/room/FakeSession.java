package io.freshet.engine.room;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.freshet.engine.Principal;
import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Pushed;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.RoomEnded;
import io.freshet.protocol.v1.RoomSignal;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.ArrayDeque;
import java.util.Deque;

/** A session that keeps what it is pushed, or refuses it. */
final class FakeSession implements Caller {
    private final long id;
    private final Principal principal;
    private final Deque<Message> pushed = new ArrayDeque<>();

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
    public boolean push(Pushed message) {
        return reads && pushed.add(decoded(message.frame()));
    }

    private static Message decoded(Push push) {
        try {
            return switch (push.getType()) {
                case "freshet.v1.RoomUpdate" -> RoomUpdate.parseFrom(push.getBody());
                case "freshet.v1.RoomSignal" -> RoomSignal.parseFrom(push.getBody());
                case "freshet.v1.RoomEnded" -> RoomEnded.parseFrom(push.getBody());
                default -> throw new AssertionError("a push of " + push.getType());
            };
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void onEnd(Runnable task) {
        throw new AssertionError("the rooms are told of ends");
    }

    /** The first push that was not looked at yet, of this type. */
    <T extends Message> T next(Class<T> type) {
        return type.cast(pushed.remove());
    }

    Deque<Message> pushed() {
        return pushed;
    }
}
