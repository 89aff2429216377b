package io.freshet.examples;

import io.freshet.examples.cli.FreshetCommand;
import io.freshet.examples.cli.StopSignal;

/** Main class of {@code freshet.jar}: prepares the virtual machine and hands over to the command line. */
public final class Freshet {
    private Freshet() {}

    public static void main(String[] args) {
        UnsafeAccess.allow();
        System.setProperty("chronicle.announcer.disable", "true");
        // Following one buffer in 128 to find leaks is for tests, which follow all of them.
        System.setProperty(
                "io.netty.leakDetection.level", System.getProperty("io.netty.leakDetection.level", "disabled"));
        // So many objects of a kind go back to Netty without one that they were handed on in: a batch goes out in one
        // for each subscriber.
        System.setProperty("io.netty.recycler.chunkSize", System.getProperty("io.netty.recycler.chunkSize", "256"));
        StopSignal stop = new StopSignal();
        stop.exit(FreshetCommand.run(stop, args));
    }
}
