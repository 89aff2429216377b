package io.freshet.engine.simulation;

import io.freshet.engine.reactor.Departure;
import io.freshet.engine.reactor.Shutdown;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.Agent;

/** Has the clients of a server leave while they go on, and then ends it in order; unless it dies before. */
final class SimDrain {
    static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long IDLE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(3);

    private final SimServer leaving;
    private final BooleanSupplier isRunning;
    private final Scheduler scheduler;
    private final Agenda agenda;

    /** @param isRunning whether the server has not died */
    SimDrain(SimServer leaving, BooleanSupplier isRunning, Scheduler scheduler, Agenda agenda) {
        this.leaving = leaving;
        this.isRunning = isRunning;
        this.scheduler = scheduler;
        this.agenda = agenda;
    }

    /** @param end ends the server, at which nothing is under way then */
    void begin(long windowNs, Runnable end) {
        Departure departure = leaving.departure(windowNs);
        invoke(departure, departure::isDone, () -> {
            Shutdown shutdown = leaving.shutdown(LONGEST_NS);
            invoke(
                    shutdown,
                    shutdown::isDone,
                    () -> agenda.after(QUIET_NS, () -> {
                        if (isRunning.getAsBoolean()) {
                            end.run();
                        }
                    }));
        });
    }

    /** Invokes an agent until it is done or the server is gone. */
    private void invoke(Agent agent, BooleanSupplier isDone, Runnable then) {
        AgentActor actor = new AgentActor(agent, agenda, IDLE_NS);
        scheduler.add(actor);
        agenda.after(IDLE_NS, new Runnable() {
            @Override
            public void run() {
                if (isRunning.getAsBoolean() && !isDone.getAsBoolean()) {
                    agenda.after(IDLE_NS, this);
                    return;
                }
                scheduler.remove(actor);
                if (isRunning.getAsBoolean()) {
                    then.run();
                }
            }
        });
    }
}
