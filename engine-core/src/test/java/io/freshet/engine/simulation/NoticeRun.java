package io.freshet.engine.simulation;

import io.freshet.client.ClientConfig;
import io.freshet.client.FreshetClient;
import io.freshet.engine.notice.InboxReader;
import io.freshet.engine.notice.Notification;
import io.freshet.log.Durability;
import io.freshet.log.MessageLog;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A whole server with its notifier, and users who post, answer, mention each other, read, set and mute on several devices each, while the
 * server dies at any step and comes back, its logs take nothing for a while, and the sink fails or keeps the notifier waiting. In the end every
 * inbox says what it must, and every device of a user knows the same.
 */
final class NoticeRun {
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long SETTLE_LIMIT_NS = TimeUnit.SECONDS.toNanos(90);
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(3);
    private static final long LOOK_NS = 500 * MS;
    private static final long DOWN_TIME_NS = 200 * MS;

    /** Those who can be divided by three may mention everyone. */
    private static final List<Long> USERS = List.of(99L, 100L, 101L, 102L);

    private static final List<String> CHANNELS = List.of("hall", "hall/annex", "duo");
    private static final String DIRECT = "duo";
    private static final int MAX_FUSE = 600;
    private static final int SINK_FAILS_ONE_IN = 3;

    private final long seed;
    private final SplittableRandom random;
    private final Scenario scenario;
    private final SimClock clock = new SimClock();
    private final Agenda agenda = new Agenda(clock);
    private final Trace trace = new Trace();
    private final Verdict verdict = new Verdict();
    private final Fuse fuse = new Fuse();
    private final MemoryDisk disk = new MemoryDisk();
    private final Scheduler scheduler;
    private final SimNetwork network;
    private final SimAccess access;
    private final SimAllocator clientAllocator = new SimAllocator();
    private final NoticeChecker checker = new NoticeChecker(USERS);
    private final List<InboxDevice> devices = new ArrayList<>();
    private final Set<String> delivered = new HashSet<>();
    private @Nullable SimServer server;
    private @Nullable SimAllocator dying;
    private int postCount;
    private int remainingActions;
    private long crashCount;
    private long deliveredCount;

    /** What runs have seen. */
    record Seen(long posts, long notices, long crashes, long delivered, long steps) {
        Seen plus(Seen other) {
            return new Seen(
                    posts + other.posts,
                    notices + other.notices,
                    crashes + other.crashes,
                    delivered + other.delivered,
                    steps + other.steps);
        }
    }

    NoticeRun(long seed) {
        this.seed = seed;
        random = new SplittableRandom(seed);
        scenario = scenario(random);
        scheduler = new Scheduler(random.split(), clock, agenda, trace);
        network = new SimNetwork(random.split(), clock, agenda, scenario, trace, (connection, frames) -> fuse.step());
        network.calm(true);
        access = new SimAccess(random.split(), false, 0);
        access.calm(true);
        fuse.death(this::die);
        disk.onStep(fuse::step);
    }

    /** One whose posts have room, whose mailboxes have too, and which keeps what it has acknowledged. */
    private static Scenario scenario(SplittableRandom random) {
        Scenario drawn;
        do {
            drawn = Scenario.of(random);
        } while (drawn.payloadLength() < 2_048
                || drawn.controlCapacity() < 1_024
                || drawn.pendingCount() < 64
                || (drawn.losesPower() && drawn.durability() == Durability.WRITTEN));
        return drawn;
    }

    /** Runs to the end; throws an error that names the seed and tells what happened last. */
    Seen run() {
        try {
            start();
            makeDirect();
            for (long user : USERS) {
                for (int i = 0; i < 2; i++) {
                    devices.add(new InboxDevice(
                            user, transport("device-" + i + "-" + user), random.split(), agenda, verdict, checker));
                }
            }
            runUntil(() -> devices.stream().allMatch(InboxDevice::isReady), SETTLE_LIMIT_NS);
            verdict.check(devices.stream().allMatch(InboxDevice::isReady), "a device cannot follow its inbox");
            remainingActions = scenario.actionCount() + 40;
            next();
            runUntil(() -> remainingActions == 0, Long.MAX_VALUE);
            settle();
            return end();
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "seed=" + seed + " " + scenario + "\n" + trace + "\nseed=" + seed + ": " + e.getMessage(), e);
        }
    }

    /** The application makes the channel of two users. */
    private void makeDirect() {
        List<Long> members = List.of(USERS.get(0), USERS.get(1));
        checker.members(DIRECT, members);
        SimServer first = running();
        SimTransport transport = new SimTransport(
                "application",
                (self, attempt) -> network.connectWithin(self, attempt, first),
                agenda,
                clock,
                new SimAllocator(),
                () -> {});
        scheduler.add(transport);
        ChannelAttributes attributes = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .addAllMembers(members)
                .build();
        boolean[] isMade = {false};
        ClientConfig config = ClientConfig.builder()
                .clientName("in-process")
                .reconnect(false)
                .random(random.split())
                .build();
        FreshetClient.connectAsync(config, transport)
                .thenCompose(client -> client.channel(DIRECT)
                        .publish(EventKind.ATTRIBUTES.code(), attributes.toByteArray())
                        .thenCompose(receipt -> client.closeAsync()))
                .thenRun(() -> isMade[0] = true);
        runUntil(() -> isMade[0], SETTLE_LIMIT_NS);
        verdict.check(isMade[0], "the channel of two was not made");
        scheduler.remove(transport);
    }

    private SimTransport transport(String name) {
        SimTransport transport = new SimTransport(name, network::connect, agenda, clock, clientAllocator, () -> {});
        scheduler.add(transport);
        return transport;
    }

    private SimServer running() {
        return Objects.requireNonNull(server);
    }

    // ---- what users do, and what goes wrong

    private void next() {
        agenda.after(random.nextLong(2 * scenario.actionGapNs()), () -> {
            if (remainingActions > 0) {
                remainingActions--;
                act();
                next();
            }
        });
    }

    private void act() {
        InboxDevice device = devices.get(random.nextInt(devices.size()));
        int dice = random.nextInt(100);
        if (dice < 50) {
            post(device);
        } else if (dice < 72) {
            device.set(setting());
        } else if (dice < 88) {
            SimServer now = server;
            long channel = now == null ? 0 : now.storage().channels().find(name());
            if (channel != 0) {
                device.markRead(channel, 1 + random.nextInt(60));
            }
        } else if (dice < 91) {
            freezeNotifier();
        } else if (dice < 94) {
            harmLog();
        } else if (scenario.crashes() && dice < 97 && server != null) {
            fuse.light(1 + random.nextInt(MAX_FUSE));
        }
    }

    private String name() {
        return CHANNELS.get(random.nextInt(CHANNELS.size()));
    }

    private long someone() {
        return USERS.get(random.nextInt(USERS.size()));
    }

    private void post(InboxDevice device) {
        String channel = name();
        boolean isMember = device.user == USERS.get(0) || device.user == USERS.get(1);
        if (channel.equals(DIRECT) && !isMember) {
            return; // to others the channel is not there
        }
        Content.Builder content = Content.newBuilder().setText("post " + ++postCount);
        for (int i = random.nextInt(3); i > 0 && !channel.equals(DIRECT); i--) {
            content.addMentions(Mention.newBuilder().setUser(someone()));
        }
        if (device.user % 3 == 0 && random.nextInt(4) == 0) {
            content.addMentions(Mention.newBuilder().setEveryone(Mention.Everyone.getDefaultInstance()));
        }
        if (random.nextInt(4) == 0) {
            content.setReplyTo(1 + random.nextInt(postCount));
        }
        device.post(channel, content.setSilent(random.nextInt(10) == 0).build());
    }

    private NotificationSetting setting() {
        NotificationSetting.Builder setting = NotificationSetting.newBuilder();
        SimServer now = server;
        long channel = now == null ? 0 : now.storage().channels().find(name());
        int dice = random.nextInt(4);
        if (dice == 0 && channel != 0) {
            setting.setChannel(channel);
        } else if (dice == 1) {
            setting.setSpace(random.nextBoolean() ? "hall" : "hall/");
        } else {
            setting.setEverywhere(NotificationSetting.Everywhere.getDefaultInstance());
        }
        setting.setLevelValue(random.nextInt(NotificationLevel.NOTIFICATION_LEVEL_NOTHING_VALUE + 1));
        long soonUs = clock.microTime() + random.nextLong(TimeUnit.SECONDS.toMicros(1));
        return switch (random.nextInt(5)) {
            case 0 -> setting.setMutedUntilUs(-1).build();
            case 1 ->
                setting.setMutedUntilUs(soonUs)
                        .setMutesMentions(random.nextBoolean())
                        .build();
            default -> setting.build();
        };
    }

    /** A sink that keeps it waiting. */
    private void freezeNotifier() {
        if (server != null) {
            server.actors().stream()
                    .filter(actor -> actor.name().equals("freshet-notifier"))
                    .forEach(actor -> scheduler.freeze(actor, random.nextLong(1_000 * MS)));
        }
    }

    private void harmLog() {
        SimServer harmed = server;
        if (harmed == null) {
            return;
        }
        var faults = harmed.storage().faults(random.nextInt(scenario.shardCount()));
        if (random.nextBoolean()) {
            faults.refuse(MessageLog.NO_SPACE);
        } else {
            faults.holdSync();
        }
        agenda.after(random.nextLong(100 * MS), () -> {
            faults.accept();
            faults.releaseSync();
        });
    }

    /** What every server tells outside: it fails now and then, and is told nothing twice while one server runs. */
    private void deliver(Notification notification) {
        verdict.check(delivered.add(notification.id()), () -> "told twice outside: " + notification);
        deliveredCount++;
        if (random.nextInt(SINK_FAILS_ONE_IN) == 0) {
            throw new IllegalStateException("the seed lets the sink fail");
        }
    }

    // ---- the server

    private void start() {
        SimAllocator allocator = new SimAllocator(fuse);
        dying = allocator;
        SimServer started;
        try {
            started = new SimServer(
                    disk,
                    scenario,
                    random.split(),
                    clock,
                    agenda,
                    allocator,
                    access,
                    new RequestChecker(verdict),
                    fuse,
                    this::deliver);
        } catch (Fuse.ProcessDied e) {
            bury();
            return;
        }
        dying = null;
        delivered.clear();
        started.actors().forEach(scheduler::add);
        network.listen(started.loops(), started.allocator());
        started.calm();
        server = started;
    }

    private void die() {
        SimServer ending = server;
        server = null;
        crashCount++;
        if (ending != null) {
            dying = ending.allocator();
            ending.actors().forEach(scheduler::remove);
        }
        disk.crash(
                scenario.losesPower() && random.nextBoolean() ? MemoryDisk.Kept.SYNCED : MemoryDisk.Kept.WRITTEN,
                random.nextBoolean(),
                unsyncedCount -> random.nextInt(unsyncedCount + 1));
        network.serverDied();
        agenda.after(random.nextLong(DOWN_TIME_NS), this::start);
    }

    private void bury() {
        SimAllocator dead = dying;
        if (dead != null) {
            dying = null;
            dead.releaseAll();
            fuse.douse();
        }
    }

    private void runUntil(BooleanSupplier condition, long limitNs) {
        long beginNs = clock.nanoTime();
        while (!condition.getAsBoolean() && clock.nanoTime() - beginNs < limitNs) {
            if (!step()) {
                throw new AssertionError("nothing will ever happen again");
            }
            verdict.throwIfFailed();
        }
    }

    private boolean step() {
        try {
            return scheduler.step();
        } catch (RuntimeException | Error e) {
            if (fuse.isBurnt()) {
                return true; // whatever a dying process still says
            }
            throw e;
        } finally {
            bury();
        }
    }

    // ---- the end

    private void settle() {
        fuse.douse();
        scheduler.thaw();
        runUntil(() -> server != null && devices.stream().allMatch(InboxDevice::isAnswered), SETTLE_LIMIT_NS);
        verdict.check(devices.stream().allMatch(InboxDevice::isAnswered), "something was never answered");
        long beginNs = clock.nanoTime();
        String broken;
        do {
            runFor(LOOK_NS);
            broken = difference();
        } while (broken != null && clock.nanoTime() - beginNs < SETTLE_LIMIT_NS);
        runFor(QUIET_NS);
        broken = difference();
        verdict.check(broken == null, String.valueOf(broken));
        verdict.throwIfFailed();
    }

    private void runFor(long ns) {
        long endNs = clock.nanoTime() + ns;
        agenda.after(ns, () -> {});
        runUntil(() -> clock.nanoTime() >= endNs, ns + MS);
    }

    private @Nullable String difference() {
        SimServer now = running();
        String broken = checker.check(now.storage());
        List<Long> channels = CHANNELS.stream()
                .map(name -> now.storage().channels().find(name))
                .filter(id -> id != 0)
                .toList();
        broken = broken == null ? indexed(now, channels) : broken;
        for (InboxDevice device : devices) {
            broken = broken == null ? device.difference(channels) : broken;
        }
        return broken;
    }

    /** Why the index does not say what the log says of who has read what; null when it does. */
    private @Nullable String indexed(SimServer now, List<Long> channels) {
        try (InboxReader index = new InboxReader(now.storage())) {
            for (long user : USERS) {
                for (long channel : channels) {
                    long readUpTo = index.readUpTo(user, channel);
                    if (readUpTo != checker.readUpTo(user, channel)) {
                        return "by the index " + user + " has read " + readUpTo + " of " + channel + ", by the inbox "
                                + checker.readUpTo(user, channel);
                    }
                }
            }
        }
        return null;
    }

    private Seen end() {
        devices.forEach(InboxDevice::close);
        runFor(QUIET_NS);
        SimServer last = running();
        last.actors().forEach(scheduler::remove);
        last.close();
        verdict.check(last.allocator().liveCount() == 0, () -> last.allocator().liveCount() + " buffers leak");
        verdict.check(clientAllocator.liveCount() == 0, () -> clientAllocator.liveCount() + " buffers of clients leak");
        verdict.throwIfFailed();
        return new Seen(checker.postCount(), checker.noticeCount(), crashCount, deliveredCount, scheduler.stepCount());
    }
}
