package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.FreshetClient;
import io.freshet.protocol.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Servers in processes of their own, on disks that are full, read-only or broken, and their clients over sockets. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
final class FailingDiskTest {
    private static final int FILL_COUNT = 3;

    @TempDir
    private Path directory;

    @Test
    void shouldRefuseByNameWhileTheDiskIsFullAndGoOnAfter() throws Exception {
        try (MountedDisk disk = MountedDisk.inMemory(directory.resolve("disk"), 400);
                CliProcess server = serve(disk.path().resolve("data"), "written")) {
            int port = port(server);
            URI metrics = metrics(server);
            try (FreshetClient client =
                    FreshetClient.connect(CrashLoad.config(port).build())) {
                PatientLoad load = new PatientLoad(client.channel("lobby"));
                load.publishUntilAcknowledged();
                for (int i = 0; i < FILL_COUNT; i++) {
                    Path ballast = disk.fill(0);
                    long before = refused(metrics, "storage_full");
                    load.publishUntil(() -> refused(metrics, "storage_full") > before, "nothing is refused");
                    load.checkStored(port);
                    Files.delete(ballast);
                    load.publishUntilAcknowledged();
                }
                load.finish();
                load.checkStored(port);
                assertEquals(Set.of(), load.failures(), "all of them are kept in the end");
                load.publishUntil(() -> value(metrics, "freshet_index_stopped\\{.*") == 0, "the index stays behind");
            }
            server.terminate();
            server.expectExit(0);
        }
    }

    @Test
    void shouldSayThatADiskIsReadOnlyOrFullAndStillLookIntoIt() throws Exception {
        try (MountedDisk disk = MountedDisk.inMemory(directory.resolve("disk"), 400)) {
            Path data = disk.path().resolve("data");
            try (CliProcess server = CliProcess.serve(directory, data);
                    FreshetClient client =
                            FreshetClient.connect(CrashLoad.config(port(server)).build())) {
                client.channel("lobby").publish("kept").toCompletableFuture().get();
                server.kill();
                server.expectExit(137);
            }
            Path ballast = disk.fill(1 << 20);
            expectFailure("bytes left on its device", "serve", "--data", data.toString(), "--port", "0");
            Files.delete(ballast);
            disk.remount("ro");
            expectFailure("Read-only file system", "serve", "--data", data.toString(), "--port", "0");
            try (CliProcess verify = CliProcess.start(directory, "log", "verify", data.toString())) {
                String said = verify.nextLine();
                assertTrue(said.contains("1 message in ") && said.endsWith(": sound"), said + verify.errors());
                verify.expectExit(0);
            }
            try (CliProcess dump = CliProcess.start(directory, "log", "dump", data.toString())) {
                String line = dump.nextLine();
                assertTrue(line.startsWith("lobby 1 ") && line.endsWith(" kept"), line + dump.errors());
                dump.expectExit(0);
            }
            try (CliProcess backup = CliProcess.start(
                    directory,
                    "backup",
                    data.toString(),
                    directory.resolve("copy").toString())) {
                assertTrue(backup.nextLine().startsWith("freshet: copied "), backup::errors);
                backup.expectExit(0);
            }
        }
    }

    private void expectFailure(String reason, String... args) throws IOException, InterruptedException {
        try (CliProcess serve = CliProcess.start(directory, args)) {
            String errors = serve.expectExit(1).errors();
            assertTrue(errors.startsWith("freshet: ") && errors.contains(reason), errors);
            assertEquals(1, errors.lines().count(), errors);
        }
    }

    /** A device that takes what is written and then fails to keep it: the file under it has no room left. */
    @Test
    void shouldNeverAcknowledgeWhatCouldNotBeSynced() throws Exception {
        try (MountedDisk under = MountedDisk.inMemory(directory.resolve("under"), 200)) {
            Path image = under.path().resolve("image");
            MountedDisk.run("truncate", "-s", "1024M", image.toString());
            MountedDisk.run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", image.toString());
            try (MountedDisk disk = MountedDisk.onFile(directory.resolve("disk"), image, "noatime")) {
                failASync(under, disk.path().resolve("data"));
            }
        }
    }

    private void failASync(MountedDisk under, Path data) throws Exception {
        PatientLoad load;
        try (CliProcess server = serve(data, "synced")) {
            int port = port(server);
            URI metrics = metrics(server);
            try (FreshetClient client =
                    FreshetClient.connect(CrashLoad.config(port).build())) {
                load = new PatientLoad(client.channel("lobby"));
                load.publishUntilAcknowledged();
                Path ballast = under.fill(2 << 20);
                load.publishUntil(() -> refused(metrics, "channel_unavailable") > 0, "no sync fails");
                Files.delete(ballast);
                long before = refused(metrics, "channel_unavailable");
                load.publishUntil(
                        () -> refused(metrics, "channel_unavailable") > before,
                        "it is fenced until it is opened again, although the device works");
                load.checkStored(port);
            }
            load.finish();
            assertTrue(
                    load.failures().contains(ErrorCode.OUTCOME_UNKNOWN),
                    () -> load.failures().toString());
            assertTrue(server.errors().contains("its log is fenced"), server::errors);
            server.terminate();
            server.expectExit(0);
        }
        try (CliProcess server = serve(data, "synced")) {
            int port = port(server);
            assertTrue(server.errors().contains("a sync had failed"), server::errors);
            load.checkStored(port);
            try (FreshetClient client =
                    FreshetClient.connect(CrashLoad.config(port).build())) {
                long sequence = client.channel("lobby")
                        .publish("again")
                        .toCompletableFuture()
                        .get()
                        .sequence();
                assertTrue(sequence > load.acknowledgedCount());
            }
            server.kill();
            server.expectExit(137);
        }
    }

    private CliProcess serve(Path data, String durability) throws IOException {
        return CliProcess.serve(directory, data, "--durability", durability, "--metrics-port", "0");
    }

    private static int port(CliProcess server) throws IOException {
        String address = server.awaitAddress();
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static URI metrics(CliProcess server) throws IOException {
        String line = server.nextLine();
        assertTrue(line.startsWith("freshet: metrics on http://"), line);
        return URI.create(line.substring(line.indexOf("http:")));
    }

    private static long refused(URI metrics, String code) throws IOException {
        return value(metrics, "freshet_publishes_refused_total\\{code=\"" + code + "\"\\} ");
    }

    /** The sum of the metrics whose lines begin so. */
    private static long value(URI metrics, String begin) throws IOException {
        try (InputStream in = metrics.toURL().openStream()) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines()
                    .filter(line -> line.matches(begin + ".*"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
