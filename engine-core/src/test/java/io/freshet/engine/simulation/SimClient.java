package io.freshet.engine.simulation;

import io.freshet.client.Channel;
import io.freshet.client.ClientConfig;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Page;
import io.freshet.client.SignalHandler;
import io.freshet.client.SignalState;
import io.freshet.client.Signals;
import io.freshet.client.StoredRecord;
import io.freshet.client.Subscription;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FreshetException;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A real client and what its user does with it; all futures and callbacks are watched. */
final class SimClient {
    /** What the names of all connections of clients begin with. */
    static final String NAME = "client-";

    private static final int GREATEST_NUMBER = 60_000;
    private static final int IMPATIENT_ONE_IN = 3;
    private static final Duration IMPATIENT = Duration.ofMillis(50);
    private static final Duration PATIENT = Duration.ofMinutes(1);

    private final Simulation simulation;
    private final long sender;
    private final SimTransport transport;
    private final Map<String, Follower> followers = new LinkedHashMap<>();
    private final List<Follower> all = new ArrayList<>();
    private final SimPresence presence;
    private final Map<String, Watcher> watchers = new LinkedHashMap<>();
    private @Nullable FreshetClient client;
    private boolean isConnecting = true;
    private boolean isClosing;
    private boolean isEnded;
    private boolean isLooking;
    private int lastNumber = EventKind.FIRST_OF_APPLICATIONS;
    private int lastRequest;
    private long lastPush;

    SimClient(Simulation simulation, long sender, SplittableRandom random, SimPresence presence) {
        this.simulation = simulation;
        this.sender = sender;
        this.presence = presence;
        transport = simulation.newTransport(NAME + sender, this::ended);
        ClientConfig config = ClientConfig.builder()
                .server("simulated", 1)
                .token(Long.toString(sender))
                .connectTimeout(Duration.ofSeconds(2))
                .closeTimeout(Duration.ofSeconds(1))
                .backOff(Duration.ofMillis(5), Duration.ofMillis(300))
                .retryTimeout(sender % IMPATIENT_ONE_IN == 0 ? IMPATIENT : PATIENT)
                .requestTimeout(sender % IMPATIENT_ONE_IN == 0 ? IMPATIENT : Duration.ofSeconds(5))
                .maxPendingPublishes(simulation.scenario().pendingCount())
                .random(random)
                .build();
        watch(FreshetClient.connectAsync(config, transport), "connect").whenComplete((connected, failure) -> {
            isConnecting = false;
            client = connected;
            if (connected != null) {
                presence.begin(connected);
                connected.onSession(() -> lastPush = 0);
                connected.onPush(Pong.getDefaultInstance(), pong -> {
                    simulation.requests().pushed(NAME + sender, lastPush, pong.getToken());
                    lastPush = pong.getToken();
                });
            }
        });
    }

    private <T> CompletionStage<T> watch(CompletionStage<T> stage, String what) {
        return simulation.futures().watch(stage, what + " of client " + sender);
    }

    private void ended() {
        isEnded = true;
        presence.end();
        if (client != null) {
            simulation.onClientEnd(client.statistics());
            client = null;
        }
    }

    long sender() {
        return sender;
    }

    SimTransport transport() {
        return transport;
    }

    SimPresence presence() {
        return presence;
    }

    boolean isConnecting() {
        return isConnecting;
    }

    /** Whether it is no use any more. */
    boolean isOver() {
        return isEnded || (!isConnecting && client == null);
    }

    boolean isUsable() {
        return client != null && !isClosing;
    }

    private Channel channel(String name) {
        assert client != null;
        return client.channel(name);
    }

    void publish(String channel, int count, SplittableRandom random, int maxLength) {
        for (int i = 0; i < count && lastNumber < GREATEST_NUMBER; i++) {
            int number = ++lastNumber;
            int length = 1 + random.nextInt(random.nextInt(4) == 0 ? maxLength : Math.min(maxLength, 100));
            Publications.Publication publication = simulation.publications().begin(sender, number);
            watch(channel(channel).publish(number, Payloads.of(sender, number, length)), "publish")
                    .whenComplete(
                            (receipt, failure) -> simulation.publications().complete(publication, receipt, failure));
        }
    }

    /** Says something about the last records of a channel, as far as its head is known. */
    void say(String channel, int count, SplittableRandom random) {
        for (int i = 0; i < count && lastNumber < GREATEST_NUMBER; i++) {
            int number = ++lastNumber;
            EventKind kind = SimEvents.kind(random);
            byte[] payload = SimEvents.payload(kind, simulation.truth().target(channel, random), number, random);
            Publications.Publication publication = simulation.publications().begin(sender, number);
            watch(channel(channel).publish(kind.code(), payload), "event")
                    .whenComplete(
                            (receipt, failure) -> simulation.publications().complete(publication, receipt, failure));
        }
    }

    /** Says something that is not kept, or wants to be told what others say. */
    void signal(String channel, SplittableRandom random) {
        Signals signals = channel(channel).signals();
        switch (random.nextInt(6)) {
            case 0 -> watchSignals(channel, signals);
            case 1 -> signals.typing(random.nextBoolean());
            case 2 -> signals.say(random.nextInt(1000), new byte[random.nextInt(64)]);
            case 3 -> {
                watchers.remove(channel);
                signals.unwatch();
            }
            default -> count(channel, signals, random);
        }
    }

    private void watchSignals(String channel, Signals signals) {
        Watcher watcher = new Watcher(channel);
        watchers.put(channel, watcher);
        watch(signals.watch(watcher), "watch").whenComplete((nothing, failure) -> {
            if (failure != null) {
                watchers.remove(channel, watcher);
            }
        });
    }

    /** What it was told last of each channel whose signals it watches; null of one of which it was told nothing yet. */
    Map<String, @Nullable SignalState> watched() {
        Map<String, @Nullable SignalState> watched = new LinkedHashMap<>();
        watchers.forEach((channel, watcher) -> watched.put(channel, watcher.told));
        return watched;
    }

    /** Only who may make a counter counts, so that nothing is dropped that a server took. */
    private void count(String channel, Signals signals, SplittableRandom random) {
        if (simulation.wire().signals().mayMake(sender, channel)) {
            String counter = "counter-" + random.nextInt(3);
            long more = 1 + random.nextLong(20_000);
            simulation.wire().signals().counts(channel, counter, more);
            signals.count(counter, more);
        }
    }

    /** Follows a channel, from where it stopped when it did so before. */
    void subscribe(String channel, Cursor cursor, int lastCount) {
        Follower known = followers.get(channel);
        if (known != null && known.hasBegun() && known.subscription() == null) {
            subscribe(channel, known, Cursor.after(known.next() - 1, known.epoch()), -1);
        } else if (known == null) {
            Follower follower = new Follower(
                    simulation.verdict(),
                    simulation.truth(),
                    "client-" + sender + "/" + channel,
                    simulation.paces().maySkip(sender, channel));
            followers.put(channel, follower);
            all.add(follower);
            subscribe(channel, follower, cursor, lastCount);
        }
    }

    private void subscribe(String channel, Follower follower, Cursor cursor, int lastCount) {
        follower.opening();
        watch(channel(channel).subscribe(cursor, simulation.paces().of(sender, channel), follower), "subscribe")
                .whenComplete((subscription, failure) -> {
                    if (subscription != null) {
                        simulation.truth().poll();
                        simulation.truth().attributes().told("client-" + sender, subscription.channel());
                        follower.opened(subscription, expectedFirst(subscription, lastCount));
                    } else if (!follower.hasBegun()) {
                        followers.remove(channel);
                    }
                });
    }

    private static long expectedFirst(Subscription subscription, int lastCount) {
        return lastCount < 0 ? 0 : Math.max(1, subscription.channel().head() + 1 - lastCount);
    }

    void unsubscribe(String channel) {
        Follower follower = followers.get(channel);
        Subscription subscription = follower == null ? null : follower.closing();
        if (follower != null && subscription != null) {
            watch(subscription.closeAsync(), "unsubscribe").whenComplete((nothing, failure) -> {
                follower.closed();
            });
        }
    }

    void fetch(String channel, long from, boolean isBackward, int limit) {
        Channel handle = channel(channel);
        CompletionStage<Page> page =
                isBackward ? handle.fetchBackward(from, limit) : handle.fetchForward(Math.max(1, from), limit);
        watch(page, "fetch").whenComplete((result, failure) -> {
            if (result != null) {
                check(result, limit);
            }
        });
    }

    /** The same with what has become of the posts. */
    CompletionStage<Page> view(String channel, long from, boolean isBackward, int limit) {
        Channel handle = channel(channel);
        ViewChecker views = simulation.wire().views();
        int asked = views.server();
        CompletionStage<Page> page =
                isBackward ? handle.viewBackward(from, limit) : handle.viewForward(Math.max(1, from), limit);
        return watch(page, "view").whenComplete((result, failure) -> {
            if (result != null) {
                check(result, limit);
                views.given(NAME + sender, sender, asked, result);
            }
        });
    }

    /** Looks at all of a channel's history that it may see, from the end on, with what has become of the posts. */
    void lookBack(String channel, int limit) {
        if (isUsable()) {
            isLooking = true;
            lookBack(channel, 0, limit);
        }
    }

    private void lookBack(String channel, long from, int limit) {
        CompletionStage<Page> unused = view(channel, from, true, limit).whenComplete((page, failure) -> {
            isLooking = page != null && !page.isLast() && isUsable();
            if (page != null && isLooking) {
                lookBack(channel, page.nextSequence(), limit);
            }
        });
    }

    /** Whether it has not come to the end of what it looks at. */
    boolean isLooking() {
        return isLooking;
    }

    /** Whether it has a subscription of a channel. */
    boolean isFollowing(String channel) {
        Follower follower = followers.get(channel);
        return follower != null && follower.subscription() != null;
    }

    void request(String method) {
        assert client != null;
        long token = sender * GREATEST_NUMBER + ++lastRequest;
        simulation.requests().asked(token);
        watch(client.request(method, Ping.newBuilder().setToken(token).build(), Pong.parser()), "request")
                .whenComplete((answer, failure) -> simulation.requests().completed(token, answer, failure));
    }

    private void check(Page page, int limit) {
        Verdict verdict = simulation.verdict();
        verdict.check(
                page.records().size() <= limit,
                () -> "a page of " + page.records().size() + " for " + limit);
        long previous = 0;
        for (StoredRecord record : page.records()) {
            if (previous != 0 && record.sequence() != previous + 1) {
                verdict.fail("a page goes from " + previous + " to " + record.sequence());
            }
            previous = record.sequence();
            Truth.Entry entry = simulation.truth().at(record.channel(), record.sequence());
            boolean isSame = entry != null && entry.sender() == record.sender() && entry.kind() == record.kind();
            verdict.check(
                    isSame
                            || simulation
                                            .truth()
                                            .lostOfKind(
                                                    record.channel(), record.sequence(), record.sender(), record.kind())
                                    != null,
                    () -> "a page has " + record + ", the log " + entry);
        }
    }

    void close() {
        isClosing = true;
        presence.end();
        if (client != null) {
            watch(client.closeAsync(), "close");
        }
    }

    /** Those that follow something now. */
    List<Follower> activeFollowers() {
        if (!isUsable()) {
            return List.of();
        }
        return followers.values().stream()
                .filter(follower -> follower.subscription() != null)
                .toList();
    }

    /** Checks what everyone of its followers has, those that ended too. */
    void checkFollowers() {
        List<Follower> active = activeFollowers();
        all.forEach(follower -> follower.check(active.contains(follower)));
    }

    int rewindCount() {
        return all.stream().mapToInt(Follower::rewindCount).sum();
    }

    /** Told what holds in one channel, as long as it is the last to watch it. */
    private final class Watcher implements SignalHandler {
        private final String channel;
        private @Nullable SignalState told;

        Watcher(String channel) {
            this.channel = channel;
        }

        @Override
        public void onState(SignalState state) {
            told = state;
        }

        @Override
        public void onEnd(FreshetException cause) {
            watchers.remove(channel, this);
        }
    }
}
