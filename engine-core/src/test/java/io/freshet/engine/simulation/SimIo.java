package io.freshet.engine.simulation;

import io.freshet.engine.reactor.IoLoop;
import io.freshet.protocol.Connection;
import io.freshet.protocol.ConnectionHandler;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The network as one reactor drives it. A poll that would wait ends the reactor's turn instead, by {@link WouldWait}; the
 * reactor gets its next turn when it is woken, when something arrives, or when the wait is over. As in Netty, a wake-up
 * counts only while the loop waits: one that comes earlier must be seen by {@code mayWait}.
 */
final class SimIo implements IoLoop, SimConnection.Owner {
    private final Agenda agenda;
    private final BooleanSupplier mayWait;
    private final ArrayDeque<Accepting> accepting = new ArrayDeque<>();
    private final List<SimConnection> accepted = new ArrayList<>();
    private ArrayDeque<SimConnection> ready = new ArrayDeque<>();
    private ArrayDeque<SimConnection> telling = new ArrayDeque<>();
    private Function<Connection, ConnectionHandler> accept = connection -> {
        throw new IllegalStateException("nobody listens");
    };
    private boolean isWaiting;
    private boolean isWoken;
    private long writeCount;

    SimIo(Agenda agenda, BooleanSupplier mayWait) {
        this.agenda = agenda;
        this.mayWait = mayWait;
    }

    /** Says what begins the session of a connection. */
    void listen(Function<Connection, ConnectionHandler> listener) {
        accept = listener;
    }

    void accept(SimConnection connection) {
        accept(connection, accept);
    }

    /** Accepts a connection whose session begins in another way. */
    void accept(SimConnection connection, Function<Connection, ConnectionHandler> listener) {
        accepting.addLast(new Accepting(connection, listener));
    }

    private record Accepting(SimConnection connection, Function<Connection, ConnectionHandler> listener) {}

    @Override
    public void ready(SimConnection connection) {
        ready.addLast(connection);
    }

    @Override
    public void onWrite() {
        writeCount++;
    }

    @Override
    public long writeCount() {
        return writeCount;
    }

    boolean isRunnable() {
        return !isWaiting || isWoken || hasEvents();
    }

    private boolean hasEvents() {
        return !ready.isEmpty() || !accepting.isEmpty();
    }

    /** Whether the reactor waits though there is work in its mailbox or its logs: a wake-up was lost. */
    boolean isAsleepOverWork() {
        return isWaiting && !isWoken && !mayWait.getAsBoolean();
    }

    @Override
    public int poll(long waitNs) {
        boolean isOver = isWaiting && isRunnable();
        if (!isOver && waitNs > 0 && !hasEvents() && mayWait.getAsBoolean()) {
            isWaiting = true;
            isWoken = false;
            agenda.after(waitNs, this::wakeup);
            throw new WouldWait();
        }
        isWaiting = false;
        isWoken = false;
        return acceptAll() + tellAll();
    }

    private int acceptAll() {
        int count = accepting.size();
        for (int i = 0; i < count; i++) {
            Accepting next = accepting.removeFirst();
            accepted.add(next.connection);
            next.connection.handler(next.listener.apply(next.connection));
        }
        return count;
    }

    private int tellAll() {
        ArrayDeque<SimConnection> now = ready;
        ready = telling;
        telling = now;
        int count = 0;
        for (SimConnection next = now.pollFirst(); next != null; next = now.pollFirst()) {
            count += next.tell();
        }
        return count;
    }

    @Override
    public void wakeup() {
        isWoken |= isWaiting;
    }

    @Override
    public void close() {
        accepted.forEach(SimConnection::abort);
        while (hasEvents()) {
            acceptAll();
            tellAll();
        }
    }

    /** Ends a turn in which a thread would wait. */
    static final class WouldWait extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private WouldWait() {
            super("the loop waits", null, false, false);
        }
    }
}
