package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.client.FreshetClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server under load is killed with SIGKILL again and again, also while it starts, and goes on with the same data; the
 * publishers stay. In a second test its disk loses power with it. More rounds than the few that are always run:
 *
 * <pre>
 * mvn -B test -pl examples -am -Dtest=CrashRoundsTest -Dsurefire.failIfNoSpecifiedTests=false -Dfreshet.crash.rounds=200
 * </pre>
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class CrashRoundsTest {
    private static final int ROUND_COUNT = Integer.getInteger("freshet.crash.rounds", 4);
    private static final long SEED = Long.getLong("freshet.crash.seed", 20_261_123);
    private static final int CHECK_INTERVAL = 4;
    private static final int MAX_RUN_MS = 700;
    private static final int START_MS = 1_500;
    private static final long ACKNOWLEDGE_TIMEOUT_S = 60;

    private static final List<String> UNSHARE = List.of("unshare", "--pid", "--fork", "--mount-proc");

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);

    @Test
    void shouldKeepEverythingAcknowledgedOverKills() throws Exception {
        Path data = directory.resolve("data");
        int port = freePort();
        CliProcess server = serve(data, port, "written");
        try (CrashLoad load = new CrashLoad(port, SEED)) {
            CrashChecker checker = new CrashChecker(load.ledger());
            int killedStarts = 0;
            for (int round = 1; round <= ROUND_COUNT; round++) {
                String when = "seed " + SEED + ", round " + round;
                load.ledger().awaitAcknowledged(load.ledger().acknowledgedCount() + 1, ACKNOWLEDGE_TIMEOUT_S);
                server.runFor(random.nextInt(MAX_RUN_MS));
                kill(server);
                if (random.nextInt(4) == 0) {
                    killedStarts++;
                    server = start(data, port, "written");
                    server.runFor(random.nextInt(START_MS));
                    kill(server);
                }
                server = serve(data, port, "written");
                if (round % CHECK_INTERVAL == 0) {
                    checker.check(port, when);
                }
                assertNull(load.ledger().failure(), when);
            }
            finish(load, checker, port);
            System.out.println("freshet: " + ROUND_COUNT + " kills under load and " + killedStarts + " while starting, "
                    + load.ledger().acknowledgedCount() + " messages acknowledged and found");
        } finally {
            server.close();
        }
    }

    @Test
    void shouldKeepEverythingSyncedOverLossesOfPower() throws Exception {
        int port = freePort();
        try (LoopDisk disk = new LoopDisk(directory, 1024)) {
            CliProcess server = serveOn(disk, port, "synced");
            try (CrashLoad load = new CrashLoad(port, SEED)) {
                CrashChecker checker = new CrashChecker(load.ledger());
                int cutCount = 0;
                for (int round = 1; round <= ROUND_COUNT; round++) {
                    String when = "seed " + SEED + ", round " + round;
                    load.ledger().awaitAcknowledged(load.ledger().acknowledgedCount() + 1, ACKNOWLEDGE_TIMEOUT_S);
                    server.runFor(random.nextInt(MAX_RUN_MS));
                    kill(server);
                    disk.writeBackAPage(random);
                    disk.losePower();
                    server = serveOn(disk, port, "synced");
                    cutCount += server.errors().contains("not all was on the device") ? 1 : 0;
                    checker.check(port, when);
                    assertNull(load.ledger().failure(), when);
                }
                finish(load, checker, port);
                System.out.println("freshet: " + ROUND_COUNT + " losses of power, a log cut at a hole after " + cutCount
                        + ", " + load.ledger().acknowledgedCount() + " messages acknowledged and found");
            } finally {
                kill(server);
            }
        }
    }

    /** As in a container: in a name space of its own, where the next server has the process id of the one that died. */
    @Test
    void shouldStartAgainAtOnceAsProcessOne() throws Exception {
        assumeTrue(mayUnshare(), "this machine does not let a process have a name space of its own");
        Path data = directory.resolve("data");
        int port = freePort();
        CliProcess server = serveAsProcessOne(data, port);
        try (CrashLoad load = new CrashLoad(port, SEED)) {
            CrashChecker checker = new CrashChecker(load.ledger());
            for (int round = 1; round <= ROUND_COUNT; round++) {
                String when = "seed " + SEED + ", round " + round;
                load.ledger().awaitAcknowledged(load.ledger().acknowledgedCount() + 1, ACKNOWLEDGE_TIMEOUT_S);
                server.runFor(random.nextInt(MAX_RUN_MS));
                server.descendants().forEach(ProcessHandle::destroyForcibly);
                server.awaitEnd();
                server = serveAsProcessOne(data, port);
                assertFalse(server.errors().contains("lock"), server::errors);
                assertNull(load.ledger().failure(), when);
            }
            finish(load, checker, port);
        } finally {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.close();
        }
    }

    private static boolean mayUnshare() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(UNSHARE);
        command.add("true");
        return new ProcessBuilder(command).start().waitFor() == 0;
    }

    private CliProcess serveAsProcessOne(Path data, int port) throws IOException {
        CliProcess server = CliProcess.startUnder(
                UNSHARE,
                directory,
                "serve",
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port),
                "--warm-up",
                "0");
        server.awaitAddress();
        long pid = server.descendants().get(0).pid();
        List<String> status = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"));
        assertTrue(status.contains("NSpid:\t" + pid + "\t1"), status::toString);
        return server;
    }

    /** Shows that the loss of power of these tests is one: what is only written does not survive it. */
    @Test
    void shouldLoseWhatIsOnlyWrittenWithThePower() throws Exception {
        int port = freePort();
        try (LoopDisk disk = new LoopDisk(directory, 1024)) {
            CrashLedger ledger;
            CliProcess first = serveOn(disk, port, "written");
            try (CrashLoad load = new CrashLoad(port, SEED)) {
                ledger = load.ledger();
                ledger.awaitAcknowledged(10_000, ACKNOWLEDGE_TIMEOUT_S);
            } finally {
                kill(first);
            }
            disk.losePower();
            CliProcess second = serveOn(disk, port, "written");
            try (FreshetClient client =
                    FreshetClient.connect(CrashLoad.config(port).build())) {
                long lost = 0;
                for (int channel = 0; channel < CrashLoad.CHANNELS.size(); channel++) {
                    long head = client.channel(CrashLoad.CHANNELS.get(channel))
                            .open()
                            .toCompletableFuture()
                            .get()
                            .head();
                    lost += Math.max(0, ledger.lastAcknowledged(channel) - head);
                }
                assertTrue(lost > 0, "everything that was acknowledged has survived");
            } finally {
                kill(second);
            }
        }
    }

    /** Ends the load with everything answered, and reads all of it again from the first message on. */
    private static void finish(CrashLoad load, CrashChecker checker, int port) throws Exception {
        load.finish();
        String when = "seed " + SEED + ", at the end";
        checker.check(port, when);
        checker.assertAllStored(when);
        CrashChecker whole = new CrashChecker(load.ledger());
        whole.check(port, when);
        whole.assertAllStored(when);
        assertNull(load.ledger().failure(), when);
    }

    private CliProcess start(Path data, int port, String durability) throws IOException {
        return start(List.of(), data, port, durability);
    }

    private CliProcess start(List<String> prefix, Path data, int port, String durability) throws IOException {
        return CliProcess.startUnder(
                prefix,
                directory,
                "serve",
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port),
                "--durability",
                durability,
                "--warm-up",
                "0");
    }

    private CliProcess serveOn(LoopDisk disk, int port, String durability) throws IOException {
        CliProcess server = start(disk.machine(), disk.path().resolve("data"), port, durability);
        server.awaitAddress();
        return server;
    }

    private CliProcess serve(Path data, int port, String durability) throws IOException {
        CliProcess server = start(data, port, durability);
        server.awaitAddress();
        return server;
    }

    private static void kill(CliProcess server) throws InterruptedException {
        server.kill();
        server.expectExit(137);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
