package io.freshet.engine.service;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The services of one engine by the names of their methods. Any thread. */
public final class Services {
    private static final String OWN_PREFIX = "freshet.";

    private final Map<String, Entry> methods = new ConcurrentHashMap<>();
    private final AtomicLong refusedPushCount = new AtomicLong();
    private final AtomicLong lostEndingCount = new AtomicLong();

    /**
     * A method and where it runs.
     *
     * @param isOwn on the services' thread, as the engine's own; otherwise on the application's executor
     */
    public record Entry(ServiceMethod<?, ?> method, boolean isOwn) {}

    /**
     * Adds a service of the application.
     *
     * @throws IllegalArgumentException when its name is the engine's, or it has a method that is there already
     */
    public void add(Service service) {
        if (service.name().startsWith(OWN_PREFIX)) {
            throw new IllegalArgumentException("services called " + OWN_PREFIX + "… are the engine's own");
        }
        put(service, false);
    }

    /** Adds a service of the engine itself, which runs on the services' thread. */
    public void own(Service service) {
        put(service, true);
    }

    private synchronized void put(Service service, boolean isOwn) {
        for (String name : service.methods().keySet()) {
            if (methods.containsKey(name)) {
                throw new IllegalArgumentException("there is a method " + name + " already");
            }
        }
        service.methods().forEach((name, method) -> methods.put(name, new Entry(method, isOwn)));
    }

    /** The method of this name; null when there is none. */
    public @Nullable Entry find(String method) {
        return methods.get(method);
    }

    /** There was no room to run what an application's service waited for at a session's end. */
    public void lostEnding() {
        lostEndingCount.incrementAndGet();
    }

    /** What applications' services waited for at a session's end and could not be run, since the start. */
    public long lostEndingCount() {
        return lostEndingCount.get();
    }

    /** A push was refused. */
    public void refusedPush() {
        refusedPushCount.incrementAndGet();
    }

    /** Pushes that were refused, since the start. */
    public long refusedPushCount() {
        return refusedPushCount.get();
    }
}
