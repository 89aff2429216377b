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
import org.agrona.IoUtil;
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
 *
 * <p>Each group of rounds begins with an empty directory, and in each round so many messages are published at most: a log stays small however many rounds
 * there are.
 */
@Timeout(value = 60, unit = TimeUnit.MINUTES)
final class CrashRoundsTest {
    private static final int ROUND_COUNT = Integer.getInteger("freshet.crash.rounds", 4);
    private static final long SEED = Long.getLong("freshet.crash.seed", 20_261_123);
    private static final int KILLS_PER_DIRECTORY = 25;
    private static final int LOSSES_PER_DISK = 10;
    private static final int MESSAGES_PER_KILL = 10_000;
    private static final int MESSAGES_PER_LOSS = 4_000;
    private static final int CHECK_INTERVAL = 4;
    private static final int MAX_RUN_MS = 400;
    private static final int START_MS = 1_500;
    private static final int DISK_MIB = 1024;
    private static final long ACKNOWLEDGE_TIMEOUT_S = 60;

    private static final List<String> UNSHARE = List.of("unshare", "--pid", "--fork", "--mount-proc");

    @TempDir
    private Path directory;

    private final Random random = new Random(SEED);
    private long acknowledgedCount;
    private int killedStartCount;
    private int cutCount;

    @Test
    void shouldKeepEverythingAcknowledgedOverKills() throws Exception {
        for (int first = 1; first <= ROUND_COUNT; first += KILLS_PER_DIRECTORY) {
            Path data = directory.resolve("data-" + first);
            killAgainAndAgain(data, first, lastOfGroup(first, KILLS_PER_DIRECTORY));
            IoUtil.delete(data.toFile(), false);
        }
        System.out.println("freshet: " + ROUND_COUNT + " kills under load and " + killedStartCount + " while starting, "
                + acknowledgedCount + " messages acknowledged and found");
    }

    private void killAgainAndAgain(Path data, int first, int last) throws Exception {
        int port = freePort();
        CliProcess server = serve(data, port, "written");
        try (CrashLoad load = new CrashLoad(port, SEED + first)) {
            CrashChecker checker = new CrashChecker(load.ledger());
            for (int round = first; round <= last; round++) {
                runForAWhile(server, load, MESSAGES_PER_KILL);
                kill(server);
                if (random.nextInt(4) == 0) {
                    killedStartCount++;
                    server = start(data, port, "written");
                    server.runFor(random.nextInt(START_MS));
                    kill(server);
                }
                server = serve(data, port, "written");
                if (round % CHECK_INTERVAL == 0) {
                    checker.check(port, when(round));
                }
                assertNull(load.ledger().failure(), when(round));
            }
            finish(load, checker, port);
            kill(server);
        } finally {
            server.close();
        }
    }

    @Test
    void shouldKeepEverythingSyncedOverLossesOfPower() throws Exception {
        for (int first = 1; first <= ROUND_COUNT; first += LOSSES_PER_DISK) {
            Path machine = Files.createDirectory(directory.resolve("machine-" + first));
            try (LoopDisk disk = new LoopDisk(machine, DISK_MIB)) {
                losePowerAgainAndAgain(disk, first, lastOfGroup(first, LOSSES_PER_DISK));
            }
        }
        System.out.println("freshet: " + ROUND_COUNT + " losses of power under load and " + killedStartCount
                + " while starting, a log cut at a hole after " + cutCount + ", " + acknowledgedCount
                + " messages acknowledged and found");
    }

    private void losePowerAgainAndAgain(LoopDisk disk, int first, int last) throws Exception {
        int port = freePort();
        CliProcess server = serveOn(disk, port, "synced");
        try (CrashLoad load = new CrashLoad(port, SEED + first)) {
            CrashChecker checker = new CrashChecker(load.ledger());
            for (int round = first; round <= last; round++) {
                runForAWhile(server, load, MESSAGES_PER_LOSS);
                losePower(server, disk);
                if (random.nextInt(4) == 0) {
                    killedStartCount++;
                    server = startOn(disk, port, "synced");
                    server.runFor(random.nextInt(START_MS));
                    cutCount += isCut(server);
                    losePower(server, disk);
                }
                server = serveOn(disk, port, "synced");
                cutCount += isCut(server);
                checker.check(port, when(round));
                assertNull(load.ledger().failure(), when(round));
            }
            finish(load, checker, port);
        } finally {
            kill(server);
        }
    }

    private void losePower(CliProcess server, LoopDisk disk) throws Exception {
        kill(server);
        disk.writeBackAPage(random);
        disk.losePower();
    }

    private static int isCut(CliProcess server) {
        return server.errors().contains("not all was on the device") ? 1 : 0;
    }

    /** As in a container: in a name space of its own, where the next server has the process id of the one that died. */
    @Test
    void shouldStartAgainAtOnceAsProcessOne() throws Exception {
        assumeTrue(mayUnshare(), "this machine does not let a process have a name space of its own");
        for (int first = 1; first <= ROUND_COUNT; first += KILLS_PER_DIRECTORY) {
            Path data = directory.resolve("data-" + first);
            killProcessOne(data, first, lastOfGroup(first, KILLS_PER_DIRECTORY));
            IoUtil.delete(data.toFile(), false);
        }
        System.out.println("freshet: process 1 was killed " + ROUND_COUNT + " times, " + acknowledgedCount
                + " messages acknowledged and found");
    }

    private void killProcessOne(Path data, int first, int last) throws Exception {
        int port = freePort();
        CliProcess server = serveAsProcessOne(data, port);
        try (CrashLoad load = new CrashLoad(port, SEED + first)) {
            CrashChecker checker = new CrashChecker(load.ledger());
            for (int round = first; round <= last; round++) {
                runForAWhile(server, load, MESSAGES_PER_KILL);
                killChild(server);
                server = serveAsProcessOne(data, port);
                assertFalse(server.errors().contains("lock"), server::errors);
                assertNull(load.ledger().failure(), when(round));
            }
            finish(load, checker, port);
        } finally {
            killChild(server);
        }
    }

    private static void killChild(CliProcess server) throws InterruptedException {
        server.descendants().forEach(ProcessHandle::destroyForcibly);
        server.awaitEnd();
    }

    private static int lastOfGroup(int first, int length) {
        return Math.min(ROUND_COUNT, first + length - 1);
    }

    private static String when(int round) {
        return "seed " + SEED + ", round " + round;
    }

    /** Lets it run for as long as the seed says, after the first message that it has acknowledged. */
    private void runForAWhile(CliProcess server, CrashLoad load, int messageCount) throws InterruptedException {
        load.allow(messageCount);
        load.ledger().awaitAcknowledged(load.ledger().acknowledgedCount() + 1, ACKNOWLEDGE_TIMEOUT_S);
        server.runFor(random.nextInt(MAX_RUN_MS));
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
        try (LoopDisk disk = new LoopDisk(directory, DISK_MIB)) {
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
    private void finish(CrashLoad load, CrashChecker checker, int port) throws Exception {
        load.finish();
        String when = "seed " + SEED + ", at the end";
        checker.check(port, when);
        checker.assertAllStored(when);
        CrashChecker whole = new CrashChecker(load.ledger());
        whole.check(port, when);
        whole.assertAllStored(when);
        assertNull(load.ledger().failure(), when);
        acknowledgedCount += load.ledger().acknowledgedCount();
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

    private CliProcess startOn(LoopDisk disk, int port, String durability) throws IOException {
        return start(disk.machine(), disk.path().resolve("data"), port, durability);
    }

    private CliProcess serveOn(LoopDisk disk, int port, String durability) throws IOException {
        CliProcess server = startOn(disk, port, durability);
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
