package io.freshet.engine;

import java.util.ArrayList;
import java.util.List;

/**
 * The packages of the JDK that the libraries under the engine reach into. Without the flags that open them the first append or
 * look-up would fail in the middle of something; so they are checked before anything begins.
 */
final class JdkFlags {
    private static final String[] OPENED = {"java.lang.reflect", "java.nio", "sun.nio.ch", "jdk.internal.misc"};

    private JdkFlags() {}

    /**
     * Checks that this virtual machine was started with the flags.
     *
     * @throws IllegalStateException with the flags that are missing
     */
    static void check() {
        List<String> missing = new ArrayList<>();
        for (String packageName : OPENED) {
            if (!Object.class.getModule().isOpen(packageName, JdkFlags.class.getModule())) {
                missing.add("--add-opens=java.base/" + packageName + "=ALL-UNNAMED");
            }
        }
        if (!missing.isEmpty()) {
            throw new IllegalStateException(
                    "the virtual machine was started without " + String.join(" ", missing) + " (see the README)");
        }
    }
}
