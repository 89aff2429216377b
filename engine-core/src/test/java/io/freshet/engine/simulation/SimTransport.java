package io.freshet.engine.simulation;

import io.freshet.client.ClientTransport;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.function.BiConsumer;

/** One client's thread, time and network: an actor whose turn is one task, one timer or one event of its connection. */
final class SimTransport implements ClientTransport, SimConnection.Owner, Actor {
    private final String name;
    private final BiConsumer<SimTransport, Attempt> network;
    private final Agenda agenda;
    private final SimClock clock;
    private final ByteBufAllocator allocator;
    private final Runnable onClosed;
    private final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    private boolean isTurn;

    /** @param network makes its connections */
    SimTransport(
            String name,
            BiConsumer<SimTransport, Attempt> network,
            Agenda agenda,
            SimClock clock,
            ByteBufAllocator allocator,
            Runnable onClosed) {
        this.name = name;
        this.network = network;
        this.agenda = agenda;
        this.clock = clock;
        this.allocator = allocator;
        this.onClosed = onClosed;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isRunnable() {
        return !tasks.isEmpty();
    }

    @Override
    public void run() {
        isTurn = true;
        try {
            tasks.removeFirst().run();
        } finally {
            isTurn = false;
        }
    }

    @Override
    public void ready(SimConnection connection) {
        tasks.addLast(connection::tell);
    }

    @Override
    public void connect(Attempt attempt) {
        network.accept(this, attempt);
    }

    @Override
    public void execute(Runnable task) {
        tasks.addLast(task);
    }

    @Override
    public boolean isClientThread() {
        return isTurn;
    }

    @Override
    public Cancellation schedule(Runnable task, long delayNs) {
        Timer timer = new Timer(task);
        timer.entry = agenda.after(delayNs, () -> tasks.addLast(timer));
        return timer;
    }

    @Override
    public long nanoTime() {
        return clock.nanoTime();
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public void close() {
        onClosed.run();
    }

    /** Due, it waits for its turn among the tasks, and may be stopped until then. */
    private static final class Timer implements Runnable, Cancellation {
        private final Runnable task;
        private Agenda.Entry entry = Agenda.NOTHING;
        private boolean isOver;

        Timer(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (!isOver) {
                isOver = true;
                task.run();
            }
        }

        @Override
        public void cancel() {
            isOver = true;
            entry.cancel();
        }
    }
}
