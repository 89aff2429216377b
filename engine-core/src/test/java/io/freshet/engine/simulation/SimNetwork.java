package io.freshet.engine.simulation;

import io.freshet.client.ClientTransport;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Carries bytes between clients and the server, and harms them as the seed says. */
final class SimNetwork {
    private static final long HANG_NS = TimeUnit.SECONDS.toNanos(4);
    private static final int HANG_ONE_IN = 20;
    private static final int WHOLE_ONE_IN = 4;

    private final SplittableRandom random;
    private final SimClock clock;
    private final Agenda agenda;
    private final Scenario scenario;
    private final Trace trace;
    private final SimConnection.OfferListener serverTap;
    private Consumer<SimConnection> silenceListener = serverEnd -> {};
    private final List<SimConnection> serverEnds = new ArrayList<>();
    private List<SimIo> listening = List.of();
    private ByteBufAllocator serverAllocator = ByteBufAllocator.DEFAULT;
    private boolean isCalm;
    private int connectionCount;

    SimNetwork(
            SplittableRandom random,
            SimClock clock,
            Agenda agenda,
            Scenario scenario,
            Trace trace,
            SimConnection.OfferListener serverTap) {
        this.random = random;
        this.clock = clock;
        this.agenda = agenda;
        this.scenario = scenario;
        this.trace = trace;
        this.serverTap = serverTap;
    }

    /** Told of each of the server's ends at which nothing arrives any more, and that nobody tells. */
    void silenceListener(Consumer<SimConnection> listener) {
        silenceListener = listener;
    }

    long nowNs() {
        return clock.nanoTime();
    }

    Agenda agenda() {
        return agenda;
    }

    long delayNs() {
        return 1_000 + random.nextLong(scenario.networkDelayNs());
    }

    /** How many of these bytes go next: often fewer. */
    int cut(int length) {
        return random.nextInt(WHOLE_ONE_IN) == 0 ? 1 + random.nextInt(length) : length;
    }

    /** How many bytes one read takes at most. */
    int readLength() {
        return 1 + random.nextInt(scenario.longestRead());
    }

    /** The server accepts connections on these loops. */
    void listen(List<SimIo> loops, ByteBufAllocator allocator) {
        listening = loops;
        serverAllocator = allocator;
    }

    /** Nobody accepts connections any more. */
    void stopListening() {
        listening = List.of();
    }

    /** Whether it does no harm. */
    void calm(boolean calm) {
        isCalm = calm;
    }

    void connect(SimTransport transport, ClientTransport.Attempt attempt) {
        boolean isHanging = !isCalm && random.nextInt(HANG_ONE_IN) == 0;
        agenda.after(isHanging ? HANG_NS : delayNs(), () -> transport.execute(() -> connectNow(transport, attempt)));
    }

    private void connectNow(SimTransport transport, ClientTransport.Attempt attempt) {
        if (listening.isEmpty() || (!isCalm && random.nextInt(HANG_ONE_IN) == 0)) {
            attempt.onFailed(new IOException("connection refused"));
            return;
        }
        int number = connectionCount++;
        SimIo io = listening.get(number % listening.size());
        String name = transport.name() + "/" + number;
        int capacity = scenario.socketLength();
        SimConnection clientEnd =
                new SimConnection(this, transport, transport.allocator(), (end, frames) -> {}, name, capacity);
        SimConnection serverEnd = new SimConnection(this, io, serverAllocator, serverTap, name, capacity);
        SimConnection.join(clientEnd, serverEnd);
        serverEnds.add(serverEnd);
        io.accept(serverEnd);
        clientEnd.handler(attempt.onConnected(clientEnd));
    }

    /** Connects the server's own process with itself, by what never breaks before it. */
    void connectWithin(SimTransport transport, ClientTransport.Attempt attempt, SimServer server) {
        agenda.after(
                delayNs(),
                () -> transport.execute(() -> {
                    SimIo io = server.loops().get(0);
                    String name = transport.name() + "/within";
                    int capacity = scenario.socketLength();
                    SimConnection clientEnd = new SimConnection(
                            this, transport, transport.allocator(), (end, frames) -> {}, name, capacity);
                    SimConnection serverEnd =
                            new SimConnection(this, io, server.allocator(), serverTap, name, capacity);
                    SimConnection.join(clientEnd, serverEnd);
                    io.accept(serverEnd, server.acceptOwn());
                    clientEnd.handler(attempt.onConnected(clientEnd));
                }));
    }

    void ended(SimConnection end) {
        serverEnds.remove(end);
    }

    /** The server's ends of the connections that stand. */
    List<SimConnection> serverEnds() {
        return serverEnds;
    }

    /** Ends one connection for both. */
    void resetOne() {
        if (!serverEnds.isEmpty()) {
            SimConnection end = serverEnds.get(random.nextInt(serverEnds.size()));
            trace.note("reset " + end);
            agenda.after(delayNs(), end::reset);
            agenda.after(delayNs(), end.peer()::reset);
        }
    }

    /** Loses everything in one or both directions of one connection, and tells nobody. */
    void loseOne() {
        if (!serverEnds.isEmpty()) {
            SimConnection end = serverEnds.get(random.nextInt(serverEnds.size()));
            boolean isBoth = random.nextBoolean();
            trace.note("lose " + end + (isBoth ? " both ways" : ""));
            end.lose();
            if (isBoth) {
                end.peer().lose();
                silenceListener.accept(end);
            }
        }
    }

    /** The server's process is gone; clients learn it by a reset, or only from silence. */
    void serverDied() {
        stopListening();
        for (SimConnection end : List.copyOf(serverEnds)) {
            end.vanish();
            SimConnection clientEnd = end.peer();
            clientEnd.lose();
            if (isCalm || random.nextInt(HANG_ONE_IN) != 0) {
                agenda.after(delayNs() + delayNs(), clientEnd::reset);
            } else {
                end.lose();
            }
        }
        serverEnds.clear();
    }
}
