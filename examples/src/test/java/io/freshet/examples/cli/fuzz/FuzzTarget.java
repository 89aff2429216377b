package io.freshet.examples.cli.fuzz;

import java.nio.file.Path;

/** Every fuzz target, where its inputs are kept, and how long they get. */
enum FuzzTarget {
    FRAMES("protocol", "io.freshet.protocol.FrameDecoderFuzz", 2_000),
    RECORDS("protocol", "io.freshet.protocol.RecordBodyFuzz", 1_000),
    CLIENT("protocol", "io.freshet.client.ClientFuzz", 600),
    TRANSPORT("engine-core", "io.freshet.engine.transport.TransportFuzz", 1_000),
    TLS("engine-core", "io.freshet.engine.transport.TlsRecordFuzz", 500),
    TOKEN("engine-core", "io.freshet.engine.fuzz.TokenFuzz", 1_000),
    SESSION("engine-core", "io.freshet.engine.simulation.SessionFuzz", 1_500),
    LOG("engine-core", "io.freshet.engine.fuzz.LogRecoveryFuzz", 200),
    VERIFY("engine-core", "io.freshet.engine.fuzz.LogInspectionFuzz", 200),
    CONFIG("examples", "io.freshet.examples.cli.ConfigFileFuzz", 500),
    SCENARIO("examples", "io.freshet.examples.cli.ScenarioFileFuzz", 500);

    private final String module;
    private final String className;
    private final int maxLength;

    FuzzTarget(String module, String className, int maxLength) {
        this.module = module;
        this.className = className;
        this.maxLength = maxLength;
    }

    String className() {
        return className;
    }

    /** Bytes of an input at most. */
    int maxLength() {
        return maxLength;
    }

    /** The file with the inputs that are kept, below the repository's root. */
    Path keptFile(Path root) {
        String name = className.substring(className.lastIndexOf('.') + 1);
        return root.resolve(module).resolve("src/test/resources/fuzz/" + name + ".txt");
    }
}
