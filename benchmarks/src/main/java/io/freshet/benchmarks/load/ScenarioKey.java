package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Scenario.WindowPer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Every key of a scenario, with its type, range and default. Durations are kept in nanoseconds. */
enum ScenarioKey {
    KIND(Type.KIND, 0, 0, "traffic"),
    CHANNEL(Type.TEXT, 1, 200, "load"),
    CHANNELS(Type.COUNT, 1, 65_535, "1"),
    SUBSCRIBERS(Type.COUNT, 0, 100_000, "100"),
    CONNECTIONS(Type.COUNT, 0, 100_000, "0"),
    PUBLISHERS(Type.COUNT, 0, 10_000, "1"),
    PAYLOAD(Type.COUNT, Payload.MIN_LENGTH, 65_000, "128"),
    WINDOW(Type.COUNT, 1, 1 << 20, "256"),
    WINDOW_PER(Type.WINDOW, 0, 0, "channel"),
    RECEIPTS(Type.FLAG, 0, 1, "false"),
    RATE(Type.RATE, 0, 100_000_000, "0"),
    PEAK(Type.RATE, 1, 100_000, "1"),
    RAMP(Type.DURATION, 0, TimeUnit.HOURS.toNanos(1), "1s"),
    DECAY(Type.DURATION, 0, TimeUnit.HOURS.toNanos(1), "5s"),
    CROWD(Type.COUNT, 0, 100_000, "0"),
    STALLED(Type.COUNT, 0, 90, "0"),
    CUT(Type.DURATION, 0, TimeUnit.HOURS.toNanos(1), "0s"),
    FALL(Type.COUNT, 0, 100, "100"),
    MODE(Type.MODE, 0, 0, "every"),
    SAMPLES(Type.COUNT, 1, 1000, "5"),
    EACH(Type.COUNT, 1, 1024, "2"),
    MESSAGES(Type.COUNT, 1, 4_000_000_000L, "1000000"),
    FILLED(Type.FLAG, 0, 1, "false"),
    READERS(Type.COUNT, 1, 10_000, "1"),
    CONNECT_RATE(Type.RATE, 0, 1_000_000, "0"),
    WARMUP(Type.DURATION, 0, TimeUnit.HOURS.toNanos(1), "3s"),
    DURATION(Type.DURATION, 1, TimeUnit.DAYS.toNanos(7), "10s"),
    DRAIN(Type.DURATION, 1, TimeUnit.HOURS.toNanos(1), "20s"),
    CONNECT_TIMEOUT(Type.DURATION, 1, TimeUnit.HOURS.toNanos(1), "60s"),
    UNDER_WAY(Type.COUNT, 1, 10_000, "64"),
    PER_SOURCE(Type.COUNT, 1, 25_000, "10000"),
    RECEIVE(Type.COUNT, 4096, 1 << 20, "131072"),
    THREADS(Type.COUNT, 1, 64, "1");

    /** How a value is written. */
    enum Type {
        TEXT,
        COUNT,
        RATE,
        DURATION,
        FLAG,
        KIND,
        WINDOW,
        MODE
    }

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final Type type;
    private final long min;
    private final long max;
    private final String standard;

    ScenarioKey(Type type, long min, long max, String standard) {
        this.type = type;
        this.min = min;
        this.max = max;
        this.standard = standard;
    }

    /** The name in files and on the command line. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The value when nothing is said. */
    String standard() {
        return standard;
    }

    static @Nullable ScenarioKey of(String key) {
        return Arrays.stream(values())
                .filter(each -> each.key().equals(key))
                .findAny()
                .orElse(null);
    }

    static String names() {
        return Arrays.stream(values()).map(ScenarioKey::key).sorted().collect(Collectors.joining(", "));
    }

    /**
     * The value as a number: a count, a rate, nanoseconds, the place of a choice, or a text's length.
     *
     * @throws IllegalArgumentException when it is not of the key's type or outside its range; the message names the key
     */
    double parse(String value) {
        double number = switch (type) {
            case TEXT -> value.length();
            case COUNT -> count(value);
            case RATE -> rate(value);
            case DURATION -> durationNs(value);
            case FLAG -> choice(value, "false", "true");
            case KIND ->
                choice(
                        value,
                        Arrays.stream(ScenarioKind.values())
                                .map(ScenarioKind::key)
                                .toArray(String[]::new));
            case MODE -> choice(value, "every", "latest", "sampled");
            case WINDOW ->
                choice(
                        value,
                        Arrays.stream(WindowPer.values()).map(WindowPer::key).toArray(String[]::new));
        };
        boolean isRanged = type != Type.KIND && type != Type.WINDOW && type != Type.FLAG && type != Type.MODE;
        if (isRanged && !(number >= min && number <= max)) {
            throw new IllegalArgumentException(key() + " is " + value + ", but must be from " + shown(min) + " to "
                    + shown(max) + (type == Type.TEXT ? " characters long" : ""));
        }
        return number;
    }

    private String shown(long bound) {
        if (type != Type.DURATION) {
            return Long.toString(bound);
        }
        return bound < SECOND_NS
                ? Duration.ofNanos(bound).toNanos() + "ns"
                : TimeUnit.NANOSECONDS.toSeconds(bound) + "s";
    }

    private long count(String value) {
        try {
            return Long.parseLong(value.replace("_", ""));
        } catch (NumberFormatException e) {
            throw wrong(value, "a whole number, such as 20000 or 20_000");
        }
    }

    private double rate(String value) {
        try {
            return Double.parseDouble(value.replace("_", ""));
        } catch (NumberFormatException e) {
            throw wrong(value, "a number per second, such as 2000");
        }
    }

    private long durationNs(String value) {
        int unit = 0;
        while (unit < value.length() && !Character.isLetter(value.charAt(unit))) {
            unit++;
        }
        try {
            double number = Double.parseDouble(value.substring(0, unit));
            long unitNs = switch (value.substring(unit)) {
                case "ms" -> TimeUnit.MILLISECONDS.toNanos(1);
                case "s" -> SECOND_NS;
                case "m" -> TimeUnit.MINUTES.toNanos(1);
                case "h" -> TimeUnit.HOURS.toNanos(1);
                default -> throw wrong(value, "a time, such as 500ms, 10s, 5m or 2h");
            };
            return (long) (number * unitNs);
        } catch (NumberFormatException e) {
            throw wrong(value, "a time, such as 500ms, 10s, 5m or 2h");
        }
    }

    private int choice(String value, String... choices) {
        int index = Arrays.asList(choices).indexOf(value);
        if (index < 0) {
            throw wrong(value, "one of " + String.join(", ", choices));
        }
        return index;
    }

    private IllegalArgumentException wrong(String value, String wanted) {
        return new IllegalArgumentException(key() + " is '" + value + "', but must be " + wanted);
    }
}
