package io.freshet.benchmarks.load;

import io.freshet.protocol.WholeFile;
import io.freshet.protocol.v1.DeliveryMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a load run does: a name and settings, each checked. Immutable.
 *
 * <p>A scenario file has lines of {@code key = value}; empty lines and lines that begin with {@code #} say nothing. Keys
 * that are not set have their defaults. It has 64 KiB at most.
 */
public final class Scenario {
    /** The names of the scenarios that come with Freshet. */
    public static final List<String> BUILT_IN = List.of(
            "hot",
            "many",
            "publish",
            "latency",
            "idle",
            "storm",
            "reconnect",
            "replay",
            "slow",
            "spike",
            "soak",
            "hearts");

    private static final int MAX_FILE_LENGTH = 64 * 1024;

    private final String name;
    private final Map<ScenarioKey, String> values;

    private Scenario(String name, Map<ScenarioKey, String> values) {
        this.name = name;
        this.values = Collections.unmodifiableMap(values);
        check();
    }

    /**
     * One of {@link #BUILT_IN}, or the scenario in a file of this path.
     *
     * @param overrides keys and values that win over those of the scenario
     * @throws IllegalArgumentException when there is no such scenario or file, or a key or value is wrong; one line
     */
    public static Scenario named(String nameOrFile, Map<String, String> overrides) {
        if (BUILT_IN.contains(nameOrFile)) {
            try (InputStream in = Scenario.class.getResourceAsStream(nameOrFile + ".scenario")) {
                if (in == null) {
                    throw new IllegalStateException("the scenario " + nameOrFile + " is not in the jar");
                }
                return parse(nameOrFile, new String(in.readAllBytes(), StandardCharsets.UTF_8), overrides);
            } catch (IOException e) {
                throw new IllegalStateException("the scenario " + nameOrFile + " cannot be read", e);
            }
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "no scenario or file '" + nameOrFile + "'; there are " + String.join(", ", BUILT_IN));
        }
        try {
            return parse(nameOrFile, WholeFile.text(file, MAX_FILE_LENGTH), overrides);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the scenario " + nameOrFile + ": " + e.getMessage(), e);
        }
    }

    /**
     * A scenario from its text.
     *
     * @param name what it is called in reports and messages
     * @throws IllegalArgumentException when a line, a key or a value is wrong; the message names it
     */
    public static Scenario parse(String name, String text, Map<String, String> overrides) {
        Map<ScenarioKey, String> values = new EnumMap<>(ScenarioKey.class);
        for (ScenarioKey key : ScenarioKey.values()) {
            values.put(key, key.standard());
        }
        Map<ScenarioKey, String> said = new EnumMap<>(ScenarioKey.class);
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                String place = name + ":" + (i + 1) + ": ";
                int equals = line.indexOf('=');
                if (equals < 0) {
                    throw new IllegalArgumentException(place + "not a line of the form key = value: " + line);
                }
                String before = put(said, line.substring(0, equals), line.substring(equals + 1), place);
                if (before != null) {
                    throw new IllegalArgumentException(
                            place + line.substring(0, equals).strip() + " is set a second time");
                }
            }
        }
        overrides.forEach((key, value) -> put(said, key, value, ""));
        values.putAll(said);
        return new Scenario(name, values);
    }

    private static @Nullable String put(Map<ScenarioKey, String> values, String name, String value, String place) {
        ScenarioKey key = ScenarioKey.of(name.strip());
        if (key == null) {
            throw new IllegalArgumentException(
                    place + "unknown key '" + name.strip() + "'; known are " + ScenarioKey.names());
        }
        try {
            key.parse(value.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place + e.getMessage(), e);
        }
        return values.put(key, value.strip());
    }

    /** What no key can be asked alone. */
    private void check() {
        switch (kind()) {
            case TRAFFIC -> checkTraffic();
            case IDLE, STORM -> {
                require(connections() > 0, "connections is 0, but they are all that this scenario is about");
                require(
                        channelsEach() <= channels(),
                        "each is " + channelsEach() + ", but must not be above channels, " + channels());
            }
            case HEARTS -> checkHearts();
            case REPLAY -> {
                require(
                        hasReceipts() && windowPer() == WindowPer.RECEIPT,
                        "a replay is filled with receipts = true and window_per = receipt");
                require(
                        publishers() > 0 && publishers() <= channels(),
                        "publishers is " + publishers() + ", but must be from 1 to channels, " + channels());
                require(messages() >= channels(), "messages is " + messages() + ", but every channel must have one");
            }
        }
    }

    private void checkTraffic() {
        require(
                connections() == 0 || connections() >= subscribers(),
                "connections is " + connections() + ", but must not be below subscribers, " + subscribers());
        require(
                publishers() > 0 || isOpenLoop() || subscribers() == 0,
                "publishers is 0, so that nothing would ever be published");
        require(
                windowPer() != WindowPer.RECEIPT || hasReceipts(),
                "window_per is receipt, but receipts is false: nothing would ever make room");
        require(peak() == 1 || isOpenLoop(), "peak is " + peak() + ", but there is no rate that it could be times of");
        require(
                peak() == 1 || rampNs() + decayNs() <= durationNs(),
                "ramp and decay together must not be longer than duration");
        require(crowd() == 0 || isOpenLoop(), "crowd is " + crowd() + ", but only an open loop can have one");
        require(
                crowd() == 0 || !maySkip(),
                "crowd is " + crowd() + ", but in mode " + text(ScenarioKey.MODE)
                        + " all must be there from the begin");
        require(
                stalled() == 0 || subscribers() > 1,
                "stalled is " + stalled() + ", but there are no subscribers of whom a part could stand still");
        require(
                cutNs() == 0 || (isOpenLoop() && crowd() == 0 && stalled() == 0 && cutNs() < durationNs()),
                "cut is for an open loop (rate) without crowd and stalled, before the end of duration");
        require(
                isOpenLoop() || windowPer() == WindowPer.RECEIPT || subscribers() > 0,
                "subscribers is 0 and rate is 0: nothing would ever make room; set rate or window_per = receipt");
    }

    private void checkHearts() {
        require(channels() == 1, "channels is " + channels() + ", but hearts are counted in one");
        require(isOpenLoop(), "rate is 0, so that nothing would ever be counted");
        require(
                publishers() > 0 && publishers() <= connections(),
                "publishers is " + publishers() + ", but must be from 1 to connections, " + connections());
        require(
                !HeartsFlow.isTooMuch(rate(), publishers()),
                "rate is " + rate() + ", more than " + publishers() + " publishers can send");
    }

    private void require(boolean isRight, String message) {
        if (!isRight) {
            throw new IllegalArgumentException(name + ": " + message);
        }
    }

    public String name() {
        return name;
    }

    /** All keys and values in use, in their order. */
    public Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("scenario", name);
        values.forEach((key, value) -> settings.put(key.key(), value));
        return settings;
    }

    /** What the window of a closed loop counts. */
    enum WindowPer {
        /** Messages of a channel ahead of its slowest subscriber. */
        CHANNEL,
        /** Messages of a publisher that not all subscribers of their channels have. */
        PUBLISHER,
        /** Messages of a publisher without a receipt. */
        RECEIPT;

        /** The name in files and on the command line. */
        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private int count(ScenarioKey key) {
        return (int) number(key);
    }

    private double number(ScenarioKey key) {
        return key.parse(text(key));
    }

    private String text(ScenarioKey key) {
        return values.getOrDefault(key, key.standard());
    }

    ScenarioKind kind() {
        return ScenarioKind.valueOf(text(ScenarioKey.KIND).toUpperCase(Locale.ROOT));
    }

    /** What the channels' names begin with. */
    String channelName() {
        return text(ScenarioKey.CHANNEL);
    }

    int channels() {
        return count(ScenarioKey.CHANNELS);
    }

    /** Subscribers of each channel. */
    int subscribers() {
        return count(ScenarioKey.SUBSCRIBERS);
    }

    /** Connections that the subscriptions are spread over, 0: one for each subscription. */
    int connections() {
        return count(ScenarioKey.CONNECTIONS);
    }

    int publishers() {
        return count(ScenarioKey.PUBLISHERS);
    }

    int payloadLength() {
        return count(ScenarioKey.PAYLOAD);
    }

    int window() {
        return count(ScenarioKey.WINDOW);
    }

    WindowPer windowPer() {
        return WindowPer.valueOf(text(ScenarioKey.WINDOW_PER).toUpperCase(Locale.ROOT));
    }

    boolean hasReceipts() {
        return number(ScenarioKey.RECEIPTS) != 0;
    }

    /** Messages a second of all publishers together, 0: a closed loop. */
    double rate() {
        return number(ScenarioKey.RATE);
    }

    boolean isOpenLoop() {
        return rate() > 0;
    }

    /** Times of the rate at the peak of a show, 1: a constant rate. */
    double peak() {
        return number(ScenarioKey.PEAK);
    }

    long rampNs() {
        return (long) number(ScenarioKey.RAMP);
    }

    long decayNs() {
        return (long) number(ScenarioKey.DECAY);
    }

    /** The rate over time; a constant one when there is no peak. */
    RateCurve curve() {
        return new RateCurve(rate(), peak(), rampNs(), decayNs(), durationNs());
    }

    /** Subscribers of each channel that come with the peak and leave with it. */
    int crowd() {
        return count(ScenarioKey.CROWD);
    }

    /** Percent of the subscribers that stop to read for a while. */
    int stalled() {
        return count(ScenarioKey.STALLED);
    }

    /** When, after the begin of the measured part, all subscribers are cut off to come back; 0: never. */
    long cutNs() {
        return (long) number(ScenarioKey.CUT);
    }

    /** Percent by which the others' rate may fall while some stall and catch up; 100: by any. */
    int fall() {
        return count(ScenarioKey.FALL);
    }

    /** What subscribers ask for. */
    DeliveryMode mode() {
        return switch (text(ScenarioKey.MODE)) {
            case "latest" -> DeliveryMode.DELIVERY_MODE_LATEST;
            case "sampled" -> DeliveryMode.DELIVERY_MODE_SAMPLED;
            default -> DeliveryMode.DELIVERY_MODE_EVERY;
        };
    }

    /** Whether subscribers need not get every message. */
    boolean maySkip() {
        return mode() != DeliveryMode.DELIVERY_MODE_EVERY;
    }

    /** Messages a second at most that a sampled subscriber asks for; 0 in the other modes. */
    int samples() {
        return mode() == DeliveryMode.DELIVERY_MODE_SAMPLED ? count(ScenarioKey.SAMPLES) : 0;
    }

    /** Channels that each idle connection opens. */
    int channelsEach() {
        return count(ScenarioKey.EACH);
    }

    /** Messages of a replay in all channels together. */
    long messages() {
        return (long) number(ScenarioKey.MESSAGES);
    }

    /** Whether the server holds the messages of a replay, however it got them: nothing is published then. */
    boolean isFilled() {
        return number(ScenarioKey.FILLED) != 0;
    }

    /** Connections that read a replay, each all of it. */
    int readers() {
        return count(ScenarioKey.READERS);
    }

    /** Connections begun a second at most, 0: without this bound. */
    double connectRate() {
        return number(ScenarioKey.CONNECT_RATE);
    }

    long warmupNs() {
        return (long) number(ScenarioKey.WARMUP);
    }

    long durationNs() {
        return (long) number(ScenarioKey.DURATION);
    }

    /** How long is waited at the end for what is under way. */
    long drainNs() {
        return (long) number(ScenarioKey.DRAIN);
    }

    /** How long all connections together may take to be open. */
    long connectTimeoutNs() {
        return (long) number(ScenarioKey.CONNECT_TIMEOUT);
    }

    /** Connections that are being made at a time. */
    int underWay() {
        return count(ScenarioKey.UNDER_WAY);
    }

    /** Connections from one loopback address. */
    int connectionsPerSource() {
        return count(ScenarioKey.PER_SOURCE);
    }

    int receiveLength() {
        return count(ScenarioKey.RECEIVE);
    }

    /** Threads that the subscribers are spread over; the first of them publishes too. */
    int threads() {
        return count(ScenarioKey.THREADS);
    }
}
