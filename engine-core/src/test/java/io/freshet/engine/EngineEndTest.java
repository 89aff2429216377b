package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.freshet.engine.notice.Notification;
import io.freshet.engine.notice.NotificationSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever of an application's throws as the engine ends. */
@Timeout(120)
class EngineEndTest {
    @TempDir
    private Path directory;

    private static final class BrokenSink implements NotificationSink {
        @Override
        public void deliver(Notification notification) {
            throw new AssertionError("nothing to tell");
        }

        @Override
        public void close() {
            throw new LinkageError("a class of the application is missing");
        }
    }

    private FreshetEngine start(Notifications notifications) {
        return FreshetEngine.start(EngineConfig.builder()
                .dataDirectory(directory.resolve("data"))
                .notifications(notifications)
                .build());
    }

    @Test
    void shouldCloseTheStorageThoughSomethingThrows() {
        FreshetEngine broken = start(new Notifications(List.of(new BrokenSink()), Duration.ofSeconds(1)));
        broken.channel("lobby").publish("hi").toCompletableFuture().join();
        assertEquals(
                "a class of the application is missing",
                assertThrows(LinkageError.class, broken::close).getMessage());

        try (FreshetEngine next = start(Notifications.NONE)) {
            assertEquals(
                    2,
                    next.channel("lobby")
                            .publish("hi")
                            .toCompletableFuture()
                            .join()
                            .sequence());
        }
    }
}
