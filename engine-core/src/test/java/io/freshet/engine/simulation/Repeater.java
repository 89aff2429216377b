package io.freshet.engine.simulation;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Publishes what it has published before, again and again, on one connection and on later ones, and now and then under a
 * nonce that is not its turn: every repeat must be answered with the sequence of the first, and nothing be stored twice.
 */
final class Repeater extends RawClient {
    private static final long NONE = 0;
    private static final int JUMP = 3;
    private static final int ABANDONS_ONE_IN = 4;
    private static final long MAX_ABANDONED_NS = TimeUnit.MILLISECONDS.toNanos(300);

    private final Verdict verdict;
    private final Truth truth;
    private final int inFlightCount;
    /** By counter, from 1. */
    private final List<Sent> sent = new ArrayList<>();

    private int lastNumber = EventKind.FIRST_OF_APPLICATIONS;
    private long repeatCount;

    Repeater(Simulation simulation, long sender, String channelName) {
        super(simulation, sender, channelName);
        verdict = simulation.verdict();
        truth = simulation.truth();
        inFlightCount = simulation.scenario().inFlightCount();
    }

    @Override
    void onOpened(Opened opened) {
        int counter = opened.getNonceCounter();
        verdict.check(
                counter <= sent.size(),
                () -> "counter " + counter + " of " + sender() + " was never used: " + sent.size());
        while (sent.size() > counter) {
            Sent last = sent.remove(sent.size() - 1);
            verdict.check(
                    last.sequence == NONE
                            || truth.lost(opened.getChannel(), last.sequence, sender(), last.number) != null,
                    () -> "the server has forgotten publish " + last + " of " + sender());
        }
    }

    @Override
    void publish(int count, SplittableRandom random, int maxLength) {
        for (int i = 0; i < count && isWritable(); i++) {
            int dice = random.nextInt(10);
            if (dice < 4 || sent.isEmpty()) {
                int number = ++lastNumber;
                sent.add(new Sent(number, 1 + random.nextInt(maxLength)));
                send(sent.size());
            } else if (dice < 9) {
                repeatCount++;
                send(sent.size() - random.nextInt(Math.min(inFlightCount, sent.size())));
            } else {
                long counter = (long) sent.size() + JUMP;
                send(++lastNumber, nonce(counter), Payloads.of(sender(), lastNumber, 1));
            }
        }
        flush();
        if (random.nextInt(ABANDONS_ONE_IN) == 0) {
            abandon(random.nextLong(MAX_ABANDONED_NS));
        }
    }

    private void send(int counter) {
        Sent publish = sent.get(counter - 1);
        send(publish.number, nonce(counter), Payloads.of(sender(), publish.number, publish.length));
    }

    private static long nonce(long counter) {
        return (long) INSTANCE << 32 | counter;
    }

    @Override
    void onAnswer(FrameType type, ByteBuf buffer, int frameIndex, int frameLength) {
        if (type == FrameType.PUBLISHED) {
            onPublished(Frames.parse(Published.parser(), buffer, frameIndex, frameLength));
        } else if (type == FrameType.ERROR) {
            Error error = Frames.parse(Error.parser(), buffer, frameIndex, frameLength);
            boolean isWanted = error.getCode() == ErrorCode.NONCE_JUMP.number()
                    && Integer.toUnsignedLong((int) error.getFirstNonce()) > sent.size();
            if (!isWanted) {
                // What was refused leaves the counters open: the next OPENED tells where they stand.
                abort();
            }
        }
    }

    private void onPublished(Published receipt) {
        for (int i = 0; i < receipt.getCount(); i++) {
            int counter = (int) receipt.getFirstNonce() + i;
            long sequence = receipt.getFirstSequence() + i;
            if (counter < 1 || counter > sent.size()) {
                verdict.fail("a receipt for counter " + counter + " of " + sender() + ", who has sent " + sent.size());
                return;
            }
            Sent publish = sent.get(counter - 1);
            verdict.check(
                    publish.sequence == NONE || publish.sequence == sequence,
                    () -> "publish " + publish + " of " + sender() + " was answered again with " + sequence);
            publish.sequence = sequence;
            check(receipt.getChannel(), publish);
        }
    }

    private void check(long channel, Sent publish) {
        Truth.Entry entry = truth.at(channel, publish.sequence);
        boolean isThere = entry != null && entry.sender() == sender() && entry.number() == publish.number;
        verdict.check(
                isThere || truth.lost(channel, publish.sequence, sender(), publish.number) != null,
                () -> "publish " + publish + " of " + sender() + " has a receipt, where the log has " + entry);
    }

    long repeatCount() {
        return repeatCount;
    }

    private static final class Sent {
        private final int number;
        private final int length;
        private long sequence;

        private Sent(int number, int length) {
            this.number = number;
            this.length = length;
        }

        @Override
        public String toString() {
            return number + " at " + sequence;
        }
    }
}
