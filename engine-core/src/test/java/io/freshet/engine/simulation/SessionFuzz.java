package io.freshet.engine.simulation;

/** Whatever one client does to a server; see {@link HostileRun} for what an input means and what is promised. */
public final class SessionFuzz {
    private SessionFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        new HostileRun(data).run();
    }
}
