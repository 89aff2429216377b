package io.freshet.examples.cli;

import io.freshet.engine.Limits;
import io.freshet.engine.Rate;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What clients may ask of {@code freshet serve}; what is not said is as in {@link Limits#DEFAULTS}. */
final class LimitOptions {
    @Option(names = "--max-connections", paramLabel = "N", description = "Connections in all (default: 1048576).")
    private @Nullable Integer connectionCount;

    @Option(
            names = "--max-connections-per-address",
            paramLabel = "N",
            description = "Connections of one network address (default: 131072).")
    private @Nullable Integer connectionsPerAddress;

    @Option(
            names = "--connect-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "Connections taken a second, and at once; clients beyond that are told when to come again "
                    + "(default: 5000:50000).")
    private @Nullable Rate connects;

    @Option(
            names = "--session-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "Publishes a second of one session, and at once; 0 is no limit, as for the rates below "
                    + "(default: 0).")
    private @Nullable Rate session;

    @Option(
            names = "--user-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "The same of one user in all sessions (default: 0).")
    private @Nullable Rate user;

    @Option(
            names = "--address-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "The same of one network address (default: 0).")
    private @Nullable Rate address;

    @Option(
            names = "--channel-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "The same to one channel (default: 0).")
    private @Nullable Rate channel;

    @Option(
            names = "--slow-mode",
            paramLabel = "MS",
            description = "Between two publishes of one user to one channel at least; 0 is off (default: 0).")
    private @Nullable Integer slowModeMs;

    @Option(
            names = "--signal-rate",
            paramLabel = "N[:BURST]",
            converter = RateConverter.class,
            description = "Frames of signals of one session, such as typing and counters (default: 100:200).")
    private @Nullable Rate signals;

    @Option(
            names = "--history-rate",
            paramLabel = "BYTES[:BURST]",
            converter = RateConverter.class,
            description = "Bytes of history that one user may fetch a second (default: 268435456:1073741824).")
    private @Nullable Rate history;

    @Option(
            names = "--asked-at-once",
            paramLabel = "N",
            description =
                    "Questions of one network address to the authenticator, and about one user to the policy, at a "
                            + "time; the others wait (default: 2).")
    private @Nullable Integer askedAtOnce;

    /**
     * What was said.
     *
     * @throws IllegalArgumentException when something is out of its range
     */
    Limits limits() {
        Limits.Builder limits = Limits.builder();
        if (connectionCount != null) {
            limits.connections(connectionCount);
        }
        if (connectionsPerAddress != null) {
            limits.connectionsPerAddress(connectionsPerAddress);
        }
        if (connects != null) {
            limits.connects(connects);
        }
        if (session != null) {
            limits.publishesPerSession(session);
        }
        if (user != null) {
            limits.publishesPerUser(user);
        }
        if (address != null) {
            limits.publishesPerAddress(address);
        }
        if (channel != null) {
            limits.publishesPerChannel(channel);
        }
        if (slowModeMs != null) {
            limits.slowMode(Duration.ofMillis(slowModeMs));
        }
        if (signals != null) {
            limits.signalsPerSession(signals);
        }
        if (history != null) {
            limits.historyPerUser(history);
        }
        if (askedAtOnce != null) {
            limits.askedAtOnce(askedAtOnce);
        }
        return limits.build();
    }

    /** Reads {@code N} or {@code N:BURST}. */
    static final class RateConverter implements ITypeConverter<Rate> {
        @Override
        public Rate convert(String text) {
            int colon = text.indexOf(':');
            try {
                long perSecond = Long.parseLong(colon < 0 ? text : text.substring(0, colon));
                return colon < 0
                        ? Rate.perSecond(perSecond)
                        : new Rate(perSecond, Long.parseLong(text.substring(colon + 1)));
            } catch (NumberFormatException e) {
                throw new TypeConversionException("'" + text + "' is not a rate: N or N:BURST, two whole numbers");
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException("'" + text + "' is not a rate: " + e.getMessage());
            }
        }
    }
}
