package io.freshet.engine.simulation;

import io.freshet.client.Cursor;
import io.freshet.log.MessageLog;
import io.freshet.log.memory.MemoryFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What users do and what goes wrong, one action after another, as the seed says. */
final class Workload {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int MAX_BURST = 30;
    private static final int MAX_SAID = 12;
    private static final int MAX_FUSE = 400;
    private static final int MAX_STARVED = 200;
    private static final long WALL_STEP_US = TimeUnit.SECONDS.toMicros(5);

    /** Several times as long as nonces are remembered, which does not go by the wall. */
    private static final long WALL_BOUND_US = TimeUnit.HOURS.toMicros(3);

    private static final int FORGETS_ONE_IN = 12;
    private static final int CHANGES_ONE_IN = 15;
    private static final String DOOMED = "doomed";
    private static final String CHANGING = "changing";
    private static final int AGES_ONE_IN = 4;
    private static final int REQUESTS_ONE_IN = 8;
    private static final int PRESENCE_ONE_IN = 6;

    /** So much older records become at once, at most: some more than they are kept for. */
    private static final long MAX_AGING_US = TimeUnit.SECONDS.toMicros(90);

    /** Publishes by hand and may not; a real client would not even try. */
    static final long READER = 97;

    private static final long RAW_SENDER = 98;

    /** Whoever is below it speaks the protocol by hand. */
    static final long FIRST_SENDER = 100;

    private final Simulation simulation;
    private final SplittableRandom random;
    private final Scenario scenario;
    private final List<String> channels = new ArrayList<>();
    private final List<SimClient> clients = new ArrayList<>();
    private final List<SimClient> everyClient = new ArrayList<>();
    private final PresenceChecker presence;
    private final RestChecker rest;
    private final Repeater repeater;
    private final List<RawClient> raw;
    private long lastSender = FIRST_SENDER - 1;
    private boolean isFaulty;
    private int remainingActions;

    Workload(Simulation simulation, SplittableRandom random) {
        this.simulation = simulation;
        this.random = random;
        scenario = simulation.scenario();
        presence = new PresenceChecker(simulation.verdict());
        rest = new RestChecker(simulation.wire(), everyClient);
        for (int i = 0; i < scenario.channelCount(); i++) {
            channels.add("channel-" + i);
        }
        String last = channels.get(channels.size() - 1);
        if (scenario.forgets()) {
            channels.add(DOOMED); // known to those who speak by hand is neither
            channels.add(CHANGING);
        }
        repeater = new Repeater(simulation, RAW_SENDER + 1, last);
        raw = List.of(
                new RawPublisher(simulation, RAW_SENDER, channels.get(0)),
                new RawPublisher(simulation, READER, channels.get(0)),
                repeater);
        for (int i = 0; i < scenario.clientCount(); i++) {
            addClient();
        }
    }

    private void addClient() {
        long sender = ++lastSender;
        SimPresence user = new SimPresence(simulation, presence, channels, sender, random.split());
        SimClient client = new SimClient(simulation, sender, random.split(), user);
        clients.add(client);
        everyClient.add(client);
    }

    /** Begins so many actions; {@link #isDone} tells when they are over. */
    void begin(int actionCount) {
        isFaulty = true;
        presence.calm(false);
        rest.begin();
        remainingActions = actionCount;
        next();
    }

    private void next() {
        simulation.agenda().after(random.nextLong(2 * scenario.actionGapNs()), () -> {
            if (remainingActions > 0) {
                remainingActions--;
                act();
                next();
            }
        });
    }

    boolean isDone() {
        return remainingActions == 0;
    }

    /** Nothing goes wrong any more. */
    void calm() {
        isFaulty = false;
        presence.calm(true);
        for (SimClient client : everyClient) {
            client.lookBack(channels.get(random.nextInt(channels.size())), 1 + random.nextInt(100));
        }
    }

    private void act() {
        for (int i = 0; i < clients.size(); i++) {
            if (clients.get(i).isOver()) {
                clients.remove(i);
                addClient();
            }
        }
        if (scenario.forgets() && random.nextInt(FORGETS_ONE_IN) == 0) {
            String channel = channels.get(random.nextInt(channels.size()));
            simulation.own(server -> server.forget(channel, random));
            return;
        }
        if (scenario.forgets() && random.nextInt(CHANGES_ONE_IN) == 0) {
            boolean isDoomed = random.nextInt(3) == 0;
            simulation.own(server -> server.change(isDoomed ? DOOMED : CHANGING, random, isDoomed));
            return;
        }
        int dice = random.nextInt(100);
        if (dice < 78) {
            use(clients.get(random.nextInt(clients.size())), channels.get(random.nextInt(channels.size())), dice);
        } else if (dice < 84) {
            RawClient publisher = raw.get(random.nextInt(raw.size()));
            int count = 1 + random.nextInt(MAX_BURST);
            publisher.transport().execute(() -> publisher.publish(count, random, scenario.payloadLength()));
        } else {
            harm(dice);
        }
    }

    private void use(SimClient client, String channel, int dice) {
        if (!client.isUsable()) {
            return;
        }
        if (random.nextInt(REQUESTS_ONE_IN) == 0) {
            for (int i = random.nextInt(MAX_BURST); i >= 0; i--) {
                client.request(SimServices.METHODS.get(random.nextInt(SimServices.METHODS.size())));
            }
        } else if (random.nextInt(PRESENCE_ONE_IN) == 0) {
            client.presence().act();
        } else if (dice < 15) {
            client.say(random.nextBoolean() ? channels.get(0) : channel, 1 + random.nextInt(MAX_SAID), random);
        } else if (dice < 45) {
            boolean isTooLong = random.nextInt(40) == 0;
            int maxLength = scenario.payloadLength() + (isTooLong ? 500 : 0);
            client.publish(channel, 1 + random.nextInt(random.nextBoolean() ? MAX_BURST : 3), random, maxLength);
        } else if (dice < 62) {
            subscribe(client, channel);
        } else if (dice < 67) {
            client.unsubscribe(channel);
        } else if (dice < 71) {
            client.signal(channel, random);
        } else if (dice < 75) {
            fetch(client, channel);
        } else {
            client.close();
        }
    }

    private void fetch(SimClient client, String channel) {
        int from = random.nextInt(50);
        int limit = 1 + random.nextInt(40);
        if (random.nextBoolean()) {
            client.view(channel, from, random.nextBoolean(), limit);
        } else {
            client.fetch(channel, from, random.nextBoolean(), limit);
        }
    }

    private void subscribe(SimClient client, String channel) {
        int count = random.nextInt(40);
        switch (random.nextInt(4)) {
            case 0 -> client.subscribe(channel, Cursor.live(), 0);
            case 1 -> client.subscribe(channel, Cursor.last(count), count);
            case 2 -> client.subscribe(channel, Cursor.after(random.nextInt(10)), -1);
            default -> client.subscribe(channel, Cursor.first(), Integer.MAX_VALUE);
        }
    }

    private void harm(int dice) {
        if (!isFaulty) {
            return;
        }
        if (scenario.mayGo() && random.nextInt(AGES_ONE_IN) == 0) {
            simulation.clock().stepWall(random.nextLong(MAX_AGING_US), WALL_BOUND_US);
            return;
        }
        if (dice < 88) {
            SimClient client = clients.get(random.nextInt(clients.size()));
            simulation.freeze(client.transport(), random.nextLong(random.nextInt(6) == 0 ? 6_000 * MS : 100 * MS));
        } else if (dice < 91) {
            simulation.freezeServerActor(random.nextLong(100 * MS));
        } else if (dice < 92) {
            simulation.network().resetOne();
        } else if (dice < 93) {
            SimClient client = clients.get(random.nextInt(clients.size()));
            presence.revokes(client.sender());
            simulation.revoke(client.sender(), channels.get(random.nextInt(channels.size())));
        } else if (dice < 94) {
            simulation.network().loseOne();
        } else if (dice < 97) {
            harmLog(random.nextInt(scenario.shardCount()), random.nextInt(scenario.crashes() ? 0 : 2, 16));
        } else if (dice < 98) {
            stepWall();
        } else if (random.nextBoolean()) {
            simulation.starve(random.nextInt(1, MAX_STARVED));
        } else if (scenario.crashes()) {
            if (random.nextBoolean()) {
                simulation.crash();
            } else {
                simulation.crashWithin(random.nextInt(1, MAX_FUSE));
            }
        }
    }

    private void stepWall() {
        long stepUs = scenario.jumpsFar() && random.nextBoolean() ? 2 * WALL_BOUND_US : WALL_STEP_US;
        simulation.clock().stepWall(random.nextLong(-stepUs, stepUs), WALL_BOUND_US);
    }

    private void harmLog(int shard, int dice) {
        MemoryFaults faults = simulation.faults(shard);
        if (faults == null) {
            return;
        }
        simulation.note("log " + shard + " is harmed, " + dice);
        if (dice == 0) {
            faults.refuse(MessageLog.FENCED);
        } else if (dice == 1) {
            faults.failSync();
        } else if (dice < 6) {
            faults.holdSync();
        } else {
            faults.refuse(dice < 11 ? MessageLog.NO_SPACE : MessageLog.FAILED);
        }
        simulation.agenda().after(random.nextLong(dice < 2 ? 300 * MS : 30 * MS), () -> {
            faults.releaseSync();
            faults.accept();
            if (dice < 2) {
                simulation.crash();
            }
        });
    }

    /** Publishes that were repeated by hand. */
    long rawRepeatCount() {
        return repeater.repeatCount();
    }

    List<SimClient> everyClient() {
        return everyClient;
    }

    /** Whether every client has what it asked for: its receipts, and all records of what it follows. */
    boolean isServed(SimServer server) {
        return presence.isSettled()
                && rest.isMet(server)
                && everyClient.stream()
                        .allMatch(client -> !client.isConnecting()
                                && client.activeFollowers().stream().allMatch(Follower::isAtHead));
    }

    /** Who waits for what. */
    String unserved(@Nullable SimServer server) {
        StringBuilder text = new StringBuilder(presence.unsettled());
        text.append(server == null ? "" : rest.unmet(server));
        for (SimClient client : everyClient) {
            for (Follower follower : client.activeFollowers()) {
                if (!follower.isAtHead()) {
                    text.append("\n  ").append(follower);
                }
            }
        }
        return text.toString();
    }

    void close() {
        everyClient.forEach(SimClient::close);
        raw.forEach(each -> each.transport().execute(each::close));
    }

    boolean isOver() {
        return raw.stream().allMatch(RawClient::isOver) && everyClient.stream().allMatch(SimClient::isOver);
    }
}
