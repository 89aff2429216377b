package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.engine.ConnectionLimits;
import io.freshet.engine.Limits;
import io.freshet.engine.Rate;
import io.freshet.engine.RateLimits;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What the help says of limits that are not set is what the engine then does. */
final class LimitOptionsTest {
    private static final Pattern DEFAULT = Pattern.compile("\\(default: ([0-9:]+)\\)\\.$");

    @CommandLine.Command
    private static final class Options {
        @CommandLine.Mixin
        private LimitOptions limits = new LimitOptions();
    }

    private static String text(Rate rate) {
        return rate.isUnlimited() ? "0" : rate.perSecond() + ":" + rate.burst();
    }

    @Test
    void shouldTellTheDefaultsOfTheEngine() {
        ConnectionLimits connections = Limits.DEFAULTS.connections();
        RateLimits rates = Limits.DEFAULTS.rates();
        Map<String, String> expected = new TreeMap<>();
        expected.put("--asked-at-once", Integer.toString(Limits.DEFAULTS.askedAtOnce()));
        expected.put("--max-connections", Integer.toString(connections.count()));
        expected.put("--max-connections-per-address", Integer.toString(connections.perAddress()));
        expected.put("--connect-rate", text(connections.connects()));
        expected.put("--session-rate", text(rates.session()));
        expected.put("--user-rate", text(rates.user()));
        expected.put("--address-rate", text(rates.address()));
        expected.put("--channel-rate", text(rates.channel()));
        expected.put("--slow-mode", Long.toString(rates.slowMode().toMillis()));
        expected.put("--signal-rate", text(rates.signals()));
        expected.put("--history-rate", text(rates.history()));
        Map<String, String> told = new TreeMap<>();
        for (OptionSpec option : new CommandLine(new Options()).getCommandSpec().options()) {
            String description = String.join(" ", option.description());
            Matcher matcher = DEFAULT.matcher(description);
            assertTrue(matcher.find(), option.longestName() + ": " + description);
            told.put(option.longestName(), matcher.group(1));
        }
        assertEquals(expected, told);
    }

    @Test
    void shouldLeaveEverythingAtTheDefaultsWhenNothingIsSaid() {
        Options options = new Options();
        new CommandLine(options).parseArgs();
        assertEquals(Limits.DEFAULTS, options.limits.limits());
    }
}
