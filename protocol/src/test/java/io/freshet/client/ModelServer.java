package io.freshet.client;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Record;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A server of one channel that keeps section 7 of PROTOCOL.md over all its connections, and refuses at random: at once, as
 * a session does, or when the log would be written, as a shard does. Receipts come later than refusals of the session.
 */
final class ModelServer {
    static final long CHANNEL = 3;

    /** Every accepted payload, in the order of its sequence. */
    final List<String> log = new ArrayList<>();

    private final RandomGenerator random;
    private final int refusedPercent;
    private final Map<Long, Long> sequences = new HashMap<>();
    private final List<Runnable> owed = new ArrayList<>();
    private long lastCounter;
    private int instance;

    ModelServer(RandomGenerator random, int refusedPercent) {
        this.random = random;
        this.refusedPercent = refusedPercent;
    }

    /** A new connection: what the one before owed is never sent. */
    void begin(ScriptedServer connection) {
        owed.clear();
        instance = connection.welcomes().getInstance();
    }

    /** Takes up to {@code limit} frames of the client. */
    void receive(ScriptedServer connection, int limit) {
        for (int i = 0; i < limit; i++) {
            ScriptedServer.Received frame = connection.poll();
            if (frame == null) {
                return;
            }
            switch (frame.type()) {
                case OPEN -> {
                    Open open = frame.as(Open.parser());
                    answer(connection, open);
                }
                case CLOSE -> {
                    settle(owed.size());
                    connection.closed(frame.as(Close.parser()).getChannel());
                }
                case RECORD -> onPublish(connection, frame.as(Record.parser()));
                default -> throw new AssertionError("the client has sent " + frame.type());
            }
        }
    }

    private void answer(ScriptedServer connection, Open open) {
        connection.send(
                FrameType.OPENED,
                io.freshet.protocol.v1.Opened.newBuilder()
                        .setRequest(open.getRequest())
                        .setChannel(CHANNEL)
                        .setName(open.getName())
                        .setEpoch(1)
                        .setHead(log.size())
                        .setFirst(1)
                        .setNonceCounter((int) lastCounter)
                        .setMayPublish(true)
                        .setMaySubscribe(true)
                        .build());
    }

    private void onPublish(ScriptedServer connection, Record publish) {
        long counter = publish.getNonce() & 0xFFFF_FFFFL;
        if (random.nextInt(100) < refusedPercent) {
            refuse(connection, counter, random.nextBoolean() ? ErrorCode.OVERLOADED : ErrorCode.PAYLOAD_TOO_LONG);
        } else if (counter <= lastCounter) {
            long sequence = Objects.requireNonNull(sequences.get(counter));
            owed.add(() -> connection.published(CHANNEL, instance, counter, 1, sequence));
        } else if (counter != lastCounter + 1) {
            owed.add(() -> refuse(connection, counter, ErrorCode.NONCE_JUMP));
        } else if (random.nextInt(100) < refusedPercent) {
            owed.add(() -> refuse(connection, counter, ErrorCode.APPEND_FAILED));
        } else {
            lastCounter = counter;
            log.add(publish.getPayload().toStringUtf8());
            long sequence = log.size();
            sequences.put(counter, sequence);
            owed.add(() -> connection.published(CHANNEL, instance, counter, 1, sequence));
        }
    }

    private void refuse(ScriptedServer connection, long counter, ErrorCode code) {
        connection.refused(CHANNEL, instance, counter, 1, code, 0);
    }

    /** Sends up to {@code limit} of the answers that it owes. */
    void settle(int limit) {
        for (int i = 0; i < limit && !owed.isEmpty(); i++) {
            owed.remove(0).run();
        }
    }
}
