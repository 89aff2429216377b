package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.ClientConfig;
import io.freshet.client.ClientRuntime;
import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in a process of its own is sent SIGTERM under load and started again, several times. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class RollingRestartTest {
    private static final int RESTART_COUNT = 3;
    private static final int CLIENT_COUNT = 10;
    /** Publishes between two restarts, while which the server is told to stop. */
    private static final int EACH = 400;

    @TempDir
    private Path directory;

    @Test
    void shouldLoseAndRepeatNothingWhenItIsRestartedUnderLoad() throws Exception {
        Path data = directory.resolve("data");
        CliProcess server = CliProcess.serve(directory, data, "--drain", "20");
        String address = server.awaitAddress();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        int total = CLIENT_COUNT * EACH * RESTART_COUNT;
        CountDownLatch all = new CountDownLatch(CLIENT_COUNT);
        List<List<Long>> heard = new ArrayList<>();
        Set<Long> acknowledged = new HashSet<>();
        try (ClientRuntime runtime = ClientRuntime.create(1)) {
            List<FreshetClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENT_COUNT; i++) {
                clients.add(FreshetClient.connect(ClientConfig.builder()
                        .server("127.0.0.1", port)
                        .backOff(Duration.ofMillis(10), Duration.ofMillis(500))
                        .runtime(runtime)
                        .build()));
                List<Long> mine = new ArrayList<>();
                heard.add(mine);
                clients.get(i)
                        .channel("show")
                        .subscribe(Cursor.first(), record -> {
                            mine.add(record.sequence());
                            if (mine.size() == total) {
                                all.countDown();
                            }
                        })
                        .toCompletableFuture()
                        .join();
            }
            for (int round = 0; round < RESTART_COUNT; round++) {
                server = publishOverARestart(server, data, port, clients, acknowledged);
            }
            assertEquals(total, acknowledged.size());
            assertTrue(all.await(60, TimeUnit.SECONDS), all.getCount() + " have not everything");
            List<Long> expected = LongStream.rangeClosed(1, total).boxed().toList();
            heard.forEach(mine -> assertEquals(expected, mine));
            for (FreshetClient client : clients) {
                assertEquals(0, client.statistics().publishesRepeated(), "left before its publishes were answered");
            }
            clients.forEach(FreshetClient::close);
        } finally {
            server.close();
        }
    }

    private CliProcess publishOverARestart(
            CliProcess server, Path data, int port, List<FreshetClient> clients, Set<Long> acknowledged)
            throws IOException, InterruptedException {
        List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
        for (int n = 0; n < EACH; n++) {
            for (FreshetClient client : clients) {
                receipts.add(client.channel("show").publish("message " + n).toCompletableFuture());
            }
            if (n == EACH / 2) {
                server.terminate();
            }
        }
        server.expectExit(0);
        CliProcess next = CliProcess.serve(directory, data, "--drain", "20", "--port", Integer.toString(port));
        next.awaitAddress();
        try {
            receipts.forEach(receipt -> acknowledged.add(
                    receipt.orTimeout(60, TimeUnit.SECONDS).join().sequence()));
        } catch (CompletionException e) {
            next.close();
            throw e;
        }
        return next;
    }
}
