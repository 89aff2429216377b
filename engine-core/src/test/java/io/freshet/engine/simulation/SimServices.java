package io.freshet.engine.simulation;

import io.freshet.engine.service.Caller;
import io.freshet.engine.service.Service;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The services of one server: of the engine's own and of the application's, in time, too late, never, and with pushes that are numbered. */
final class SimServices {
    /** What clients may ask for. */
    static final List<String> METHODS =
            List.of("freshet.sim.Own/Now", "freshet.sim.Own/Rights", "sim.Application/Later", "sim.Application/Nobody");

    private static final long LONGEST_NS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final Duration TIMEOUT = Duration.ofMillis(200);

    private final RequestChecker checker;
    private final SplittableRandom random;
    private final Agenda agenda;
    private final Map<Long, Long> lastPushes = new HashMap<>();

    SimServices(RequestChecker checker, SplittableRandom random, Agenda agenda) {
        this.checker = checker;
        this.random = random;
        this.agenda = agenda;
    }

    void offer(Services services, ServiceHost host) {
        services.own(Service.named("freshet.sim.Own")
                .method("Now", Ping.parser(), this::now)
                .method("Rights", Ping.parser(), (caller, ping) -> {
                    checker.called(ping.getToken());
                    return host.access(caller.principal(), "channel-0").handle((access, failure) -> answer(ping));
                })
                .build());
        services.add(Service.named("sim.Application")
                .timeout(TIMEOUT)
                .method("Later", Ping.parser(), this::later)
                .build());
    }

    private CompletionStage<Pong> now(Caller caller, Ping ping) {
        checker.called(ping.getToken());
        push(caller);
        return random.nextInt(8) == 0
                ? CompletableFuture.failedStage(new FreshetException(ErrorCode.REQUEST_FAILED, "the seed says so"))
                : CompletableFuture.completedStage(answer(ping));
    }

    private CompletionStage<Pong> later(Caller caller, Ping ping) {
        checker.called(ping.getToken());
        CompletableFuture<Pong> stage = new CompletableFuture<>();
        if (random.nextInt(8) > 0) {
            agenda.after(random.nextLong(LONGEST_NS), () -> {
                push(caller);
                stage.complete(answer(ping));
                stage.completeExceptionally(new IllegalStateException("once more"));
            });
        }
        return stage;
    }

    /** Pushes a few messages, numbered by session as far as they are taken. */
    private void push(Caller caller) {
        if (!lastPushes.containsKey(caller.session())) {
            caller.onEnd(() -> lastPushes.remove(caller.session()));
        }
        for (int i = random.nextInt(4); i >= 0; i--) {
            long number = lastPushes.getOrDefault(caller.session(), 0L) + 1;
            boolean isTaken = caller.push(Pong.newBuilder().setToken(number).build());
            lastPushes.put(caller.session(), isTaken ? number : number - 1);
        }
    }

    private static Pong answer(Ping ping) {
        return Pong.newBuilder().setToken(ping.getToken()).build();
    }
}
