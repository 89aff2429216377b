package io.freshet.examples.cli;

import io.freshet.log.Retention;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a server keeps of its log. */
final class RetentionOptions {
    private static final Pattern QUANTITY = Pattern.compile("(\\d{1,15})([A-Za-z]+)");
    private static final Map<String, Duration> TIMES =
            Map.of("m", Duration.ofMinutes(1), "h", Duration.ofHours(1), "d", Duration.ofDays(1));
    private static final Map<String, Long> SIZES =
            Map.of("mib", 1L << 20, "gib", 1L << 30, "tib", 1L << 40, "mb", 1_000_000L, "gb", 1_000_000_000L);

    @Option(
            names = "--retain-age",
            paramLabel = "TIME",
            converter = AgeConverter.class,
            description = "Free messages that are older, an hour's file at a time: 90m, 12h, 30d (default: keep all).")
    private @Nullable Duration age;

    @Option(
            names = "--retain-size",
            paramLabel = "SIZE",
            converter = SizeConverter.class,
            description = "Free the oldest messages while the log is bigger, an hour's file at a time: 500MiB, 20GiB "
                    + "(default: no bound).")
    private @Nullable Long lengthBytes;

    /** What was asked for. */
    Retention retention() {
        return Retention.of(age == null ? Retention.FOREVER : age, lengthBytes == null ? Long.MAX_VALUE : lengthBytes);
    }

    private static <T> Map.Entry<Long, T> quantity(String text, Map<String, T> units, String example) {
        Matcher matcher = QUANTITY.matcher(text);
        T unit = matcher.matches() ? units.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
        if (unit == null) {
            throw new TypeConversionException("'" + text + "' is not a number and a unit, like " + example);
        }
        return Map.entry(Long.parseLong(matcher.group(1)), unit);
    }

    /** A time of whole minutes, hours or days. */
    static final class AgeConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            Map.Entry<Long, Duration> quantity = quantity(text, TIMES, "12h");
            return quantity.getValue().multipliedBy(quantity.getKey());
        }
    }

    /** Bytes. */
    static final class SizeConverter implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            Map.Entry<Long, Long> quantity = quantity(text, SIZES, "20GiB");
            try {
                return Math.multiplyExact(quantity.getKey(), quantity.getValue());
            } catch (ArithmeticException e) {
                throw new TypeConversionException("'" + text + "' is more bytes than can be counted");
            }
        }
    }
}
