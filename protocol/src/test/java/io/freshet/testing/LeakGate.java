package io.freshet.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test class after which a buffer is garbage that nobody has released. Found by every test through
 * {@code META-INF/services}. A leak that becomes garbage late is reported at a later class of the same module: the
 * records in the report name where it was allocated.
 */
public final class LeakGate implements BeforeAllCallback, AfterAllCallback {
    static final LeakRecorder RECORDER = new LeakRecorder();

    static {
        RECORDER.install();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (!LeakGate.class.desiredAssertionStatus()) {
            throw new IllegalStateException("tests run with assertions on (-ea)");
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws InterruptedException {
        List<String> leaks = RECORDER.drain();
        if (!leaks.isEmpty()) {
            throw new AssertionError(leaks.size() + " leaked by " + context.getDisplayName()
                    + " or a class before it:\n" + String.join("\n", leaks));
        }
    }
}
