package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Cursor;
import io.freshet.client.FreshetClient;
import io.freshet.client.GapReason;
import io.freshet.client.ReceivedRecord;
import io.freshet.client.RecordHandler;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Reads what the server has kept and compares it with what publishers were told: each channel without a hole, each
 * publisher's messages in the order in which it published them, none twice, none damaged, and every acknowledged one
 * there, where its receipt says. Goes on where the last check ended.
 */
final class CrashChecker {
    private static final long TIMEOUT_S = 60;

    private final CrashLedger ledger;
    private final List<ChannelCheck> channels = new ArrayList<>();

    CrashChecker(CrashLedger ledger) {
        this.ledger = ledger;
        for (int channel = 0; channel < CrashLoad.CHANNELS.size(); channel++) {
            channels.add(new ChannelCheck(channel));
        }
    }

    /** The last sequence of each channel that is acknowledged now. */
    long[] acknowledged() {
        long[] acknowledged = new long[channels.size()];
        for (int channel = 0; channel < acknowledged.length; channel++) {
            acknowledged[channel] = ledger.lastAcknowledged(channel);
        }
        return acknowledged;
    }

    /** Reads up to the last message that is acknowledged now. */
    void check(int port, String when) throws Exception {
        check(port, acknowledged(), when);
    }

    /** Reads up to these sequences. */
    void check(int port, long[] acknowledged, String when) throws Exception {
        try (FreshetClient client =
                FreshetClient.connect(CrashLoad.config(port).token("checker").build())) {
            for (ChannelCheck channel : channels) {
                channel.read(client, acknowledged[channel.number], when);
            }
        }
    }

    /** Checks, after the publishers have ended and all was read, that nothing that was acknowledged is missing. */
    void assertAllStored(String when) {
        for (ChannelCheck channel : channels) {
            for (int publisher = 0; publisher < CrashLoad.PUBLISHER_COUNT; publisher++) {
                ledger.assertAllStored(publisher, channel.number, channel.storedCounts[publisher], when);
            }
        }
    }

    /** One channel; on the client's thread, apart from {@link #read}. */
    private final class ChannelCheck implements RecordHandler {
        final int number;
        final int[] storedCounts = new int[CrashLoad.PUBLISHER_COUNT];
        private long sequence;
        private long target;
        private String when = "";
        private CompletableFuture<Void> done = new CompletableFuture<>();

        ChannelCheck(int number) {
            this.number = number;
        }

        void read(FreshetClient client, long upTo, String now) throws Exception {
            if (sequence >= upTo) {
                return;
            }
            done = new CompletableFuture<>();
            target = upTo;
            when = now;
            var subscription = client.channel(CrashLoad.CHANNELS.get(number))
                    .subscribe(Cursor.after(sequence), this)
                    .toCompletableFuture()
                    .get(TIMEOUT_S, TimeUnit.SECONDS);
            done.get(TIMEOUT_S, TimeUnit.SECONDS);
            subscription.closeAsync().toCompletableFuture().get(TIMEOUT_S, TimeUnit.SECONDS);
        }

        @Override
        public void onRecord(ReceivedRecord record) {
            if (done.isDone()) {
                return;
            }
            try {
                check(record);
                if (sequence >= target) {
                    done.complete(null);
                }
            } catch (AssertionError | RuntimeException e) {
                done.completeExceptionally(e);
            }
        }

        private void check(ReceivedRecord record) {
            assertEquals(sequence + 1, record.sequence(), when);
            ByteBuffer payload = record.payload();
            int publisher = payload.getInt(0);
            assertEquals(number, payload.getInt(4), when);
            int message = payload.getInt(8);
            assertEquals(
                    storedCounts[publisher],
                    message,
                    () -> when + ": publisher " + publisher + " at sequence " + record.sequence() + " of "
                            + CrashLoad.CHANNELS.get(number));
            assertTrue(CrashLoad.isWhole(payload, publisher, message), when);
            ledger.stored(publisher, number, message, record.sequence(), when);
            storedCounts[publisher]++;
            sequence = record.sequence();
        }

        @Override
        public void onGap(long firstSequence, long count, GapReason reason) {
            done.completeExceptionally(
                    new AssertionError(when + ": " + count + " messages from " + firstSequence + " are " + reason));
        }

        @Override
        public void onRewind(int epoch, long validUpTo) {
            done.completeExceptionally(new AssertionError(when + ": valid up to " + validUpTo + " only"));
        }
    }
}
