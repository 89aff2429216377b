package io.freshet.benchmarks.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A server that takes part in a row.
 *
 * @param name what it is called in results
 * @param isFreshet whether it speaks Freshet's protocol; the baselines speak a framing of their own
 * @param arguments of the {@code freshet} command that runs it; {@code {data}} stands for a data directory, {@code {stream}} for a file of stored
 *     messages, {@code {certificate}} and {@code {key}} for those of a server that encrypts
 * @param settings the scenario's keys that differ for it alone
 * @param scheme of the address that is put under load, of those that it listens on: {@code tls}, {@code ws}, or empty for plain TCP
 */
public record Contender(
        String name, boolean isFreshet, List<String> arguments, Map<String, String> settings, String scheme) {
    static final String TCP = "";
    static final String TLS = "tls";
    static final String WEB_SOCKET = "ws";

    private static final String METRICS_PORT = "--metrics-port";

    static final String DATA = "{data}";
    static final String STREAM = "{stream}";
    static final String CERTIFICATE = "{certificate}";
    static final String KEY = "{key}";

    public Contender {
        arguments = List.copyOf(arguments);
        settings = Map.copyOf(settings);
    }

    /** The engine, acknowledging what is written, on one reactor. */
    static Contender freshet() {
        return serve("freshet", "1", "written");
    }

    /** The engine on this many reactors. */
    static Contender freshet(int reactorCount) {
        return serve("freshet-" + reactorCount, String.valueOf(reactorCount), "written");
    }

    /** The engine on one reactor, with these options of {@code freshet serve}. */
    static Contender freshet(String name, String... options) {
        return serve(name, "1", "written").with(TCP, options);
    }

    /** The engine on one reactor, reached through TLS. */
    static Contender encryptedFreshet() {
        return freshet("tls").with(TLS, "--tls-cert", CERTIFICATE, "--tls-key", KEY);
    }

    /** The engine on one reactor, reached through WebSocket. */
    static Contender webSocketFreshet() {
        return freshet("websocket").with(WEB_SOCKET, "--ws-port", "0");
    }

    private Contender with(String newScheme, String... options) {
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of(options));
        return new Contender(name, isFreshet, all, settings, newScheme);
    }

    /** The engine, acknowledging what is synced. */
    static Contender syncedFreshet() {
        return serve("freshet", "1", "synced");
    }

    private static Contender serve(String name, String reactorCount, String durability) {
        return new Contender(
                name,
                true,
                List.of(
                        "serve",
                        "--port",
                        "0",
                        METRICS_PORT,
                        "0",
                        "--data",
                        DATA,
                        "--reactors",
                        reactorCount,
                        "--durability",
                        durability),
                Map.of(),
                TCP);
    }

    static Contender naive() {
        return baseline("naive", "naive");
    }

    static Contender floor() {
        return baseline("floor", "floor");
    }

    /** The floor with stored messages to stream, which nobody has to publish before. */
    static Contender streamingFloor() {
        Contender floor = baseline("floor", "floor", "--stream", STREAM);
        return new Contender(floor.name(), false, floor.arguments(), Map.of("filled", "true"), TCP);
    }

    static Contender appendFloor() {
        return baseline("append-floor", "append-floor", "--data", DATA);
    }

    /** The append floor with one sync for each message. */
    static Contender syncedAppendFloor() {
        return baseline("append-floor-synced", "append-floor", "--data", DATA, "--sync");
    }

    private static Contender baseline(String name, String kind, String... more) {
        List<String> arguments = new ArrayList<>(List.of("load", "baseline", kind, "--port", "0"));
        arguments.addAll(List.of(more));
        return new Contender(name, false, arguments, Map.of(), TCP);
    }

    /** Its arguments with the places filled in. */
    List<String> arguments(ServerFiles files) {
        return arguments.stream()
                .map(argument -> switch (argument) {
                    case DATA -> files.data().toString();
                    case STREAM -> files.stream().toString();
                    case CERTIFICATE -> files.certificate().toString();
                    case KEY -> files.key().toString();
                    default -> argument;
                })
                .toList();
    }

    /** Whether it says where its metrics are, after where it listens. */
    boolean hasMetrics() {
        return arguments.contains(METRICS_PORT);
    }

    boolean needsStream() {
        return arguments.contains(STREAM);
    }

    boolean needsCertificate() {
        return arguments.contains(CERTIFICATE);
    }
}
