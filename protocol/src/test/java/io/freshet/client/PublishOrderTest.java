package io.freshet.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From one seed: publishes, refusals, late answers, lost connections. What is stored must be what was told, in order. */
final class PublishOrderTest {
    private static final int STEP_COUNT = 400;

    private SplittableRandom random = new SplittableRandom();
    private Fixture fixture = Fixture.welcomed();
    private ModelServer server = new ModelServer(random, 0);
    private final List<CompletableFuture<Receipt>> receipts = new ArrayList<>();

    static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldStoreEachOnceInOrderAndTellTheTruth(long seed) {
        fixture.end();
        random = new SplittableRandom(seed);
        fixture = new Fixture(config -> config.maxPendingPublishes(64));
        server = new ModelServer(random, (int) (seed % 4) * 5);
        server.begin(fixture.server());
        for (int i = 0; i < STEP_COUNT; i++) {
            step();
        }
        finish();
        check(seed);
    }

    private void step() {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> publish(1 + random.nextInt(3));
            case 3, 4, 5 -> server.receive(fixture.server(), 1 + random.nextInt(4));
            case 6, 7 -> server.settle(1 + random.nextInt(4));
            case 8 -> fixture.passMs(random.nextInt(400));
            default -> {
                if (random.nextInt(6) == 0) {
                    loseConnection();
                }
            }
        }
    }

    private void publish(int count) {
        for (int i = 0; i < count; i++) {
            receipts.add(fixture.publish("m" + receipts.size()));
        }
    }

    private void loseConnection() {
        int count = fixture.transport.connections.size();
        fixture.server().drop();
        while (fixture.transport.connections.size() == count) {
            fixture.passMs(500);
        }
        server.begin(fixture.server());
    }

    private void finish() {
        for (int i = 0; i < 2_000 && !receipts.stream().allMatch(CompletableFuture::isDone); i++) {
            server.receive(fixture.server(), 100);
            server.settle(100);
            fixture.passMs(100);
        }
    }

    private void check(long seed) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i < receipts.size(); i++) {
            assertTrue(receipts.get(i).isDone(), "publish " + i + " is not answered, seed " + seed);
            if (!receipts.get(i).isCompletedExceptionally()) {
                told.add("m" + i);
                long sequence = receipts.get(i).join().sequence();
                assertEquals("m" + i, server.log.get((int) sequence - 1), "receipt " + sequence + ", seed " + seed);
            } else {
                ErrorCode code = Fixture.failure(receipts.get(i)).code();
                assertTrue(
                        code == ErrorCode.OVERLOADED
                                || code == ErrorCode.PAYLOAD_TOO_LONG
                                || code == ErrorCode.OUTCOME_UNKNOWN,
                        "publish " + i + " failed with " + code + ", seed " + seed);
            }
        }
        assertEquals(new HashSet<>(server.log).size(), server.log.size(), "stored twice, seed " + seed);
        List<Integer> stored = server.log.stream()
                .map(text -> Integer.valueOf(text.substring(1)))
                .toList();
        assertEquals(stored.stream().sorted().toList(), stored, "overtaken, seed " + seed);
        assertTrue(new HashSet<>(server.log).containsAll(told), "acknowledged and not stored, seed " + seed);
        assertEquals(0, fixture.client().statistics().protocolFailures(), "seed " + seed);
        fixture.end();
    }
}
