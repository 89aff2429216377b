package io.freshet.benchmarks.load;

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
 * that are not set have their defaults.
 */
public final class Scenario {
    /** The names of the scenarios that come with Freshet. */
    public static final List<String> BUILT_IN = List.of("hot", "many", "publish", "latency", "soak");

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
            return parse(nameOrFile, Files.readString(file), overrides);
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
        require(
                connections() == 0 || connections() >= subscribers(),
                "connections is " + connections() + ", but must not be below subscribers, " + subscribers());
        require(
                publishers() > 0 || isOpenLoop() || subscribers() == 0,
                "publishers is 0, so that nothing would ever be published");
        require(
                windowPer() != WindowPer.RECEIPT || hasReceipts(),
                "window_per is receipt, but receipts is false: nothing would ever make room");
        require(
                isOpenLoop() || windowPer() == WindowPer.RECEIPT || subscribers() > 0,
                "subscribers is 0 and rate is 0: nothing would ever make room; set rate or window_per = receipt");
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
}
