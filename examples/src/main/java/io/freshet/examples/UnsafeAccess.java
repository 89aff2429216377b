package io.freshet.examples;

import java.lang.reflect.Field;
import java.util.Map;

/**
 * Does for {@code java -jar} what {@code --sun-misc-unsafe-memory-access=allow} does for a command line. From JDK 24 on
 * the first use of {@code sun.misc.Unsafe}, which Chronicle, LMDB and Protobuf cannot do without, prints four lines of
 * warning. A manifest has no attribute for that flag. The virtual machine keeps it as a saved property, which
 * {@code Unsafe} reads when it is first used: so it is put there before, unless the user has given the flag.
 *
 * <p>The other way, starting a second virtual machine with the flag, costs its start-up and memory again and leaves a
 * server behind when the first is killed. Should a later JDK keep the flag elsewhere, nothing happens here and its
 * warning is seen again.
 */
final class UnsafeAccess {
    private static final int FIRST_RELEASE_THAT_WARNS = 24;

    private UnsafeAccess() {}

    static void allow() {
        if (Runtime.version().feature() < FIRST_RELEASE_THAT_WARNS) {
            return;
        }
        try {
            Field savedProperties = Class.forName("jdk.internal.misc.VM").getDeclaredField("savedProps");
            savedProperties.setAccessible(true);
            @SuppressWarnings("unchecked")
            Map<String, String> properties = (Map<String, String>) savedProperties.get(null);
            if (properties != null) {
                properties.putIfAbsent("sun.misc.unsafe.memory.access", "allow");
            }
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Only the warning depends on it; the package is opened by the manifest of the jar, not elsewhere.
            System.getLogger(UnsafeAccess.class.getName()).log(System.Logger.Level.DEBUG, "not silenced", e);
        }
    }
}
