package io.freshet.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.freshet.protocol.v1.Push;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Who wants to be told of sessions, and of what services push on them. Any thread registers, the client's thread tells. */
final class Pushes {
    private final Callbacks callbacks;
    private final Counters counters;
    private final ConcurrentHashMap<String, List<Handler<?>>> byType = new ConcurrentHashMap<>();
    private final List<SessionWatch> sessionWatches = new CopyOnWriteArrayList<>();

    private record Handler<M extends Message>(Parser<M> parser, Consumer<? super M> consumer) {}

    /** Somebody who wants to be told of sessions; compared by identity. */
    static final class SessionWatch {
        private final Runnable listener;
        private volatile boolean isClosed;

        SessionWatch(Runnable listener) {
            this.listener = listener;
        }
    }

    Pushes(Callbacks callbacks, Counters counters) {
        this.callbacks = callbacks;
        this.counters = counters;
    }

    @SuppressWarnings("unchecked") // a message's parser gives messages of its own class
    <M extends Message> Registration add(M prototype, Consumer<? super M> consumer) {
        Handler<M> handler = new Handler<>((Parser<M>) prototype.getParserForType(), consumer);
        List<Handler<?>> handlers = byType.computeIfAbsent(
                prototype.getDescriptorForType().getFullName(), type -> new CopyOnWriteArrayList<>());
        handlers.add(handler);
        return () -> handlers.remove(handler);
    }

    /** Tells of each session from now on, and of the present one if there is. Client's thread. */
    void add(SessionWatch watch, boolean hasSession) {
        sessionWatches.add(watch);
        if (watch.isClosed) {
            sessionWatches.remove(watch); // closed before it was added, or meanwhile
        } else if (hasSession) {
            tell(watch);
        }
    }

    void remove(SessionWatch watch) {
        watch.isClosed = true;
        sessionWatches.remove(watch);
    }

    /** Whether a session is worth to have for what is told on it. */
    boolean isAnyWanted() {
        return !sessionWatches.isEmpty() || byType.values().stream().anyMatch(handlers -> !handlers.isEmpty());
    }

    void onSession() {
        sessionWatches.forEach(this::tell);
    }

    private void tell(SessionWatch watch) {
        callbacks.run("the listener of onSession", watch.listener);
    }

    void onPush(Push push) {
        Counters.increment(counters.pushesReceived);
        List<Handler<?>> handlers = byType.getOrDefault(push.getType(), List.of());
        if (handlers.isEmpty()) {
            Counters.increment(counters.pushesSkipped);
        }
        for (Handler<?> handler : handlers) {
            tell(handler, push);
        }
    }

    private <M extends Message> void tell(Handler<M> handler, Push push) {
        M message;
        try {
            message = handler.parser.parseFrom(push.getBody());
        } catch (InvalidProtocolBufferException e) {
            Counters.increment(counters.pushesSkipped);
            return;
        }
        callbacks.run("the handler of " + push.getType(), () -> handler.consumer.accept(message));
    }
}
