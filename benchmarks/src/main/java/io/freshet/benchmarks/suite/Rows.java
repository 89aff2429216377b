package io.freshet.benchmarks.suite;

import io.freshet.benchmarks.suite.Bar.Form;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the engine must reach, in one place: the work, the servers that it is compared with, the bars and what is aimed
 * at. All baselines have no log, except those that append.
 *
 * <p>A bar that was passed easily is raised, so that it sees what gets worse: such a row's comment names what was asked for at first.
 */
final class Rows {
    private static final String NAIVE = "naive";
    private static final String FLOOR = "floor";
    private static final String APPEND_FLOOR = "append-floor";

    /** Frames are batched as traffic allows: this many messages ahead of the slowest, or without a receipt. */
    private static final String WINDOW = "256";

    private static final Map<String, String> QUICK = Map.of("warmup", "300ms", "duration", "500ms");

    /** After so many the rate of a server rises no more. */
    private static final int REPLAYS_BEFORE = 10;

    private Rows() {}

    /** All rows, in the order in which they run. */
    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        rows.add(hot(10, List.of(Bar.atMost(Metric.CPU_PER_DELIVERY, NAIVE, 1 / 2.0, 1 / 3.0), reportedFloor())));
        rows.add(hot(100, hotBarsWithAllocation()));
        rows.add(hot(1_000, hotBars(1.5)));
        rows.add(many());
        rows.add(hotWithoutBatches());
        for (int publisherCount : new int[] {1, 16}) {
            rows.add(publish(publisherCount, 128));
            rows.add(publish(publisherCount, 1_024));
        }
        rows.add(publishSynced());
        rows.add(publishSyncedLatency(1));
        rows.add(publishSyncedLatency(16));
        rows.add(replay("saturated", "1 channel, written saturated", "1", WINDOW, 0.5));
        rows.add(replay("interleaved", "1,000 channels, written one message a cycle", "1000", "1", 0.15));
        rows.add(latency(2_000, 10));
        rows.add(latency(500, 100));
        rows.add(idle());
        rows.add(storm());
        rows.add(twoReactors());
        return rows;
    }

    /** The engine beside itself in other settings: nothing that it must reach, and only run when asked for. */
    static List<Row> settings() {
        return List.of(
                settings("hot-100", List.of("subscribers", "100", "window", WINDOW)),
                settings(
                        "many",
                        List.of("channels", "1000", "subscribers", "10", "connections", "1000", "window", WINDOW)));
    }

    /** The engine beside itself, reached in another way than plain TCP: nothing that it must reach, and only run when asked for. */
    static List<Row> transports() {
        return List.of(
                transport("tls-hot-100", "encrypted", Contender.encryptedFreshet()),
                transport("websocket-hot-100", "over WebSocket", Contender.webSocketFreshet()));
    }

    private static Row transport(String name, String way, Contender other) {
        Contender plain = Contender.freshet("plain");
        return row(
                name,
                "the work of hot-100 " + way + ", beside plain TCP",
                "hot",
                List.of("subscribers", "100", "window", WINDOW),
                List.of("subscribers", "5"),
                List.of(other, plain),
                List.of(
                        Bar.reported(Metric.CPU_PER_DELIVERY, plain.name()),
                        Bar.reported(Metric.DELIVERY_RATE, plain.name())));
    }

    private static Row settings(String work, List<String> scenarioSettings) {
        List<Contender> contenders = List.of(
                Contender.freshet("epoll-pooled", "--socket-api", "epoll", "--allocator", "pooled"),
                Contender.freshet("epoll-adaptive", "--socket-api", "epoll", "--allocator", "adaptive"),
                Contender.freshet("nio-pooled", "--socket-api", "nio", "--allocator", "pooled"),
                Contender.freshet("io_uring-pooled", "--socket-api", "io_uring", "--allocator", "pooled"));
        List<String> settings = new ArrayList<>(scenarioSettings);
        settings.addAll(List.of("duration", "2s"));
        return row(
                "settings-" + work,
                "the work of " + work + " on other sockets and buffers",
                work.equals("many") ? "many" : "hot",
                settings,
                List.of("subscribers", "5", "channels", "1", "connections", "5"),
                contenders,
                contenders.stream()
                        .skip(1)
                        .map(other -> Bar.reported(Metric.CPU_PER_DELIVERY, other.name()))
                        .toList());
    }

    /**
     * The rows of these names, or all that have something to reach.
     *
     * @throws IllegalArgumentException when there is no row of a name
     */
    static List<Row> named(List<String> names) {
        List<Row> all = new ArrayList<>(all());
        if (names.isEmpty()) {
            return all;
        }
        all.addAll(settings());
        all.addAll(transports());
        List<String> known = all.stream().map(Row::name).toList();
        for (String name : names) {
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "no row is called '" + name + "'; there are " + String.join(", ", known));
            }
        }
        return all.stream().filter(row -> names.contains(row.name())).toList();
    }

    private static Bar reportedFloor() {
        return Bar.reported(Metric.CPU_PER_DELIVERY, FLOOR);
    }

    /** Beside the floor 1.8 was asked for at first. */
    private static List<Bar> hotBars(double besideFloor) {
        return List.of(
                Bar.atMost(Metric.CPU_PER_DELIVERY, NAIVE, 1 / 4.0, 1 / 7.0),
                Bar.atMost(Metric.CPU_PER_DELIVERY, FLOOR, besideFloor, 1.2));
    }

    /** All that the process allocates, for publishes and deliveries and beside them, is divided by the deliveries. */
    private static List<Bar> hotBarsWithAllocation() {
        List<Bar> bars = new ArrayList<>(hotBars(1.4));
        bars.add(Bar.amount(Metric.ALLOCATED_PER_DELIVERY, FLOOR, 0.0));
        bars.add(Bar.amount(Metric.GC_COUNT, FLOOR, null));
        return bars;
    }

    private static Row hot(int subscriberCount, List<Bar> bars) {
        return row(
                "hot-" + subscriberCount,
                "1 channel, " + subscriberCount + " subscribers, 128 B, saturated, log on",
                "hot",
                List.of("subscribers", String.valueOf(subscriberCount), "payload", "128", "window", WINDOW),
                List.of("subscribers", "5"),
                fanOut(),
                bars);
    }

    private static List<Contender> fanOut() {
        return List.of(Contender.freshet(), Contender.naive(), Contender.floor());
    }

    private static Row many() {
        return row(
                "many",
                "1,000 channels × 10 subscribers on 1,000 connections, 128 B, saturated, log on",
                "many",
                List.of("channels", "1000", "subscribers", "10", "connections", "1000", "window", WINDOW),
                List.of("channels", "20", "subscribers", "3", "connections", "10", "publishers", "4"),
                fanOut(),
                List.of(Bar.atMost(Metric.CPU_PER_DELIVERY, NAIVE, 2 / 3.0, 1 / 2.0), reportedFloor()));
    }

    private static Row hotWithoutBatches() {
        return row(
                "hot-1000-paced",
                "1 channel, 1,000 subscribers, 500 messages/s: no room to batch",
                "latency",
                List.of("subscribers", "1000", "rate", "500", "receipts", "false"),
                List.of("subscribers", "10"),
                fanOut(),
                List.of(
                        Bar.parity(Metric.CPU_PER_DELIVERY, NAIVE),
                        Bar.parity(Metric.DELIVERY_P99, NAIVE),
                        reportedFloor()),
                Preparation.WARM_SLOWLY);
    }

    /** At first 2.5 was asked for, and 1.5 aimed at. */
    private static Row publish(int publisherCount, int payloadLength) {
        List<Bar> bars = new ArrayList<>(List.of(
                Bar.atMost(Metric.CPU_PER_PUBLISH, APPEND_FLOOR, 1.5),
                Bar.reported(Metric.PUBLISH_RATE, APPEND_FLOOR)));
        if (publisherCount == 16 && payloadLength == 128) {
            bars.add(Bar.amount(Metric.ALLOCATED_PER_PUBLISH, APPEND_FLOOR, 1.0));
            bars.add(Bar.amount(Metric.GC_COUNT, APPEND_FLOOR, null));
        }
        return row(
                "publish-" + publisherCount + "-" + payloadLength,
                "acknowledged publish, WRITTEN, " + publisherCount
                        + (publisherCount == 1 ? " publisher, " : " publishers, ") + payloadLength + " B, window "
                        + WINDOW,
                "publish",
                publishers(publisherCount, WINDOW, payloadLength),
                List.of("window", "64"),
                List.of(Contender.freshet(), Contender.appendFloor()),
                bars);
    }

    private static List<String> publishers(int publisherCount, String window, int payloadLength) {
        String count = String.valueOf(publisherCount);
        return List.of(
                "publishers", count, "channels", count, "window", window, "payload", String.valueOf(payloadLength));
    }

    private static List<Contender> synced() {
        return List.of(Contender.syncedFreshet(), Contender.syncedAppendFloor());
    }

    /** At first 10 was asked for. */
    private static Row publishSynced() {
        return row(
                "publish-synced",
                "acknowledged publish, SYNCED, 16 publishers, 128 B, beside one sync for each message",
                "publish",
                publishers(16, WINDOW, 128),
                List.of("window", "4"),
                synced(),
                List.of(Bar.atLeast(Metric.PUBLISH_RATE, "append-floor-synced", 50)));
    }

    /**
     * With one message of each publisher under way nothing waits but for the sync before its own, and its own. That holds in one
     * shard: several are synced one after the other.
     */
    private static Row publishSyncedLatency(int channelCount) {
        String channels = String.valueOf(channelCount);
        return row(
                "publish-synced-latency-" + channels,
                "acknowledged publish, SYNCED, 16 publishers, window 1, "
                        + (channelCount == 1 ? "1 channel" : channels + " channels in 4 shards")
                        + ": a receipt within two syncs",
                "publish",
                List.of("publishers", "16", "channels", channels, "window", "1", "payload", "128"),
                List.of(),
                synced(),
                List.of(new Bar(
                        Metric.PUBLISH_P50,
                        "append-floor-synced",
                        Metric.TIME_PER_PUBLISH,
                        Form.RATIO_AT_MOST,
                        2.0,
                        null)));
    }

    private static Row latency(int perS, int subscriberCount) {
        return row(
                "latency-" + perS + "x" + subscriberCount,
                perS + " messages/s to " + subscriberCount + " subscribers, log on",
                "latency",
                List.of(
                        "rate",
                        String.valueOf(perS),
                        "subscribers",
                        String.valueOf(subscriberCount),
                        "receipts",
                        "false"),
                List.of("subscribers", "5", "rate", "500"),
                fanOut(),
                List.of(
                        Bar.parity(Metric.DELIVERY_P50, NAIVE),
                        Bar.parity(Metric.DELIVERY_P99, NAIVE),
                        Bar.reported(Metric.DELIVERY_P99, FLOOR)),
                Preparation.WARM_SLOWLY);
    }

    /**
     * Each read takes less than a second: the first ones of a process, of which one fills the log and in which the virtual machine
     * still compiles, do not count.
     */
    private static Row replay(String name, String log, String channelCount, String window, double limit) {
        return row(
                "replay-" + name,
                "replay of 1 M × 128 B over a socket, " + log,
                "replay",
                List.of("channels", channelCount, "window", window, "messages", "1000000", "payload", "128"),
                List.of("channels", channelCount.equals("1") ? "1" : "10", "messages", "20000"),
                List.of(Contender.freshet(), Contender.streamingFloor()),
                List.of(Bar.atLeast(Metric.DELIVERY_RATE, FLOOR, limit)),
                new Preparation(List.of(), true, REPLAYS_BEFORE, Map.of()));
    }

    /**
     * A small young generation, so that what is thrown away is not counted as memory of a connection; some connections
     * before, so that what is loaded once is not either. At first 2 KiB were asked for, and 1.5 aimed at.
     */
    private static Row idle() {
        return row(
                "idle",
                "19,000 idle connections on 2 channels each: what 20,000 descriptors allow",
                "idle",
                List.of("connections", "19000", "each", "2", "channels", "100"),
                List.of("connections", "200", "channels", "10"),
                List.of(Contender.freshet(), Contender.floor()),
                List.of(
                        Bar.excess(Metric.GROWTH_PER_CONNECTION, FLOOR, 1_536.0),
                        Bar.excess(Metric.KERNEL_PER_CONNECTION, FLOOR, null)),
                new Preparation(
                        List.of("-XX:+UseSerialGC", "-Xms64m", "-Xmx512m", "-Xmn16m"),
                        false,
                        1,
                        Map.of("connections", "100")));
    }

    private static Row storm() {
        return row(
                "storm",
                "10,000 connect, authenticate and open 2 channels",
                "storm",
                List.of("connections", "10000", "each", "2", "channels", "100"),
                List.of("connections", "200", "channels", "10", "under_way", "50"),
                fanOut(),
                List.of(Bar.atMost(Metric.CPU_PER_CLIENT, NAIVE, 2), Bar.reported(Metric.CPU_PER_CLIENT, FLOOR)),
                new Preparation(List.of(), false, 1, Map.of()));
    }

    /** At first 1.3 was asked for. */
    private static Row twoReactors() {
        return row(
                "reactors-2",
                "1 channel, 100 subscribers, saturated: two reactors beside one",
                "hot",
                List.of("subscribers", "100", "window", WINDOW),
                List.of("subscribers", "5"),
                List.of(Contender.freshet(2), Contender.freshet(1)),
                List.of(Bar.atMost(Metric.CPU_PER_DELIVERY, "freshet-1", 1.2)));
    }

    private static Row row(
            String name,
            String work,
            String scenario,
            List<String> settings,
            List<String> quickSettings,
            List<Contender> contenders,
            List<Bar> bars) {
        return row(name, work, scenario, settings, quickSettings, contenders, bars, Preparation.WARM);
    }

    private static Row row(
            String name,
            String work,
            String scenario,
            List<String> settings,
            List<String> quickSettings,
            List<Contender> contenders,
            List<Bar> bars,
            Preparation preparation) {
        Map<String, String> all = new LinkedHashMap<>(Map.of("warmup", "1s", "duration", "4s"));
        all.putAll(pairs(settings));
        Map<String, String> quick = new LinkedHashMap<>(QUICK);
        quick.putAll(pairs(quickSettings));
        return new Row(name, work, scenario, all, quick, contenders, bars, preparation);
    }

    private static Map<String, String> pairs(List<String> keysAndValues) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.size(); i += 2) {
            pairs.put(keysAndValues.get(i), keysAndValues.get(i + 1));
        }
        return pairs;
    }
}
