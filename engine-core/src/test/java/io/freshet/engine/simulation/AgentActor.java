package io.freshet.engine.simulation;

import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.service.ServicesAgent;
import org.agrona.concurrent.Agent;

/** An agent that sleeps for a while when it finds nothing to do, and may be woken. */
final class AgentActor implements Actor {
    private final Agent agent;
    private final Agenda agenda;
    private final long idleNs;
    private Agenda.Entry sleep = Agenda.NOTHING;
    private boolean isAwake = true;

    AgentActor(Agent agent, Agenda agenda, long idleNs) {
        this.agent = agent;
        this.agenda = agenda;
        this.idleNs = idleNs;
    }

    void wakeup() {
        isAwake = true;
    }

    /** Whether it sleeps though a request waits: a wake-up was lost. */
    boolean isAsleepOverWork() {
        return !isAwake
                && ((agent instanceof ColdReader reader && reader.hasRequests())
                        || (agent instanceof ServicesAgent services && services.hasTasks()));
    }

    @Override
    public String name() {
        return agent.roleName();
    }

    @Override
    public boolean isRunnable() {
        return isAwake;
    }

    @Override
    public void run() {
        try {
            if (agent.doWork() == 0) {
                isAwake = false;
                sleep.cancel();
                sleep = agenda.after(idleNs, this::wakeup);
            }
        } catch (Exception e) {
            throw new AssertionError(agent.roleName() + " failed", e);
        }
    }
}
