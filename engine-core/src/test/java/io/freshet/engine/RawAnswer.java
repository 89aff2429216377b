package io.freshet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Published;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Publishes frames by hand, as the principal of an empty token, and reads what the server answers to them. */
final class RawAnswer implements AutoCloseable {
    private final RawConnection connection;
    private final long channel;
    private int counter;

    RawAnswer(FreshetEngine engine, String room) {
        try {
            connection = new RawConnection(engine);
            connection.connect();
            Opened opened = connection.open(room);
            channel = opened.getChannel();
            counter = opened.getNonceCounter();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next nonce; what was refused takes one too. */
    void publish(int kind, int flags, byte[] payload) {
        send(kind, flags, 0, 0, ++counter, payload);
    }

    /** Without a nonce, and so without a receipt. */
    void publishUncounted(int kind, byte[] payload) {
        write(kind, 0, 0, 0, 0, payload);
    }

    /** So many alike in one write, without nonces. */
    void publishTogether(int count, byte[] payload) {
        ByteBuf frames = Unpooled.buffer();
        for (int i = 0; i < count; i++) {
            frames.writeBytes(frame(0, 0, 0, 0, 0, payload));
        }
        write(frames);
    }

    void repeat(int atCounter, int kind, byte[] payload) {
        send(kind, 0, 0, 0, atCounter, payload);
    }

    /** The next nonce, with everything that is the server's. */
    void publishForged(int kind, long sequence, long sender, byte[] payload) {
        send(kind, FrameHeader.FLAG_CHECKED | FrameHeader.FLAG_ERASED, sequence, sender, ++counter, payload);
    }

    private void send(int kind, int flags, long sequence, long sender, int atCounter, byte[] payload) {
        write(kind, flags, sequence, sender, RawConnection.nonce(atCounter), payload);
    }

    private void write(int kind, int flags, long sequence, long sender, long nonce, byte[] payload) {
        write(frame(kind, flags, sequence, sender, nonce, payload));
    }

    private ByteBuf frame(int kind, int flags, long sequence, long sender, long nonce, byte[] payload) {
        ByteBuf frame = Unpooled.buffer();
        RecordFrame.writeHead(frame, kind, channel, sequence, 1, sender, nonce, payload.length);
        frame.writeBytes(payload);
        frame.setByte(FrameHeader.FLAGS_OFFSET, flags);
        return frame;
    }

    private void write(ByteBuf frames) {
        byte[] bytes = new byte[frames.readableBytes()];
        frames.readBytes(bytes);
        try {
            connection.send(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Error error() {
        try {
            Error error = connection.readError();
            counter = (int) error.getFirstNonce() - 1;
            return error;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Published published() {
        try {
            return connection.read(FrameType.PUBLISHED, Published.parser());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads receipts until one says that this sequence is kept; from which on. */
    long awaitSequence(long sequence) {
        Published published = published();
        long first = published.getFirstSequence();
        while (published.getFirstSequence() + published.getCount() - 1 != sequence) {
            published = published();
        }
        return first;
    }

    /** Everything was answered: receipts up to this sequence, and the errors in this order. */
    void expect(long lastSequence, List<ErrorCode> errors) {
        List<ErrorCode> heard = new ArrayList<>();
        long last = 0;
        try {
            while (last < lastSequence || heard.size() < errors.size()) {
                RawConnection.Frame frame = connection.read();
                if (frame.type() == FrameType.PUBLISHED) {
                    Published published = frame.body(Published.parser());
                    last = published.getFirstSequence() + published.getCount() - 1;
                } else {
                    heard.add(ErrorCode.of(frame.body(Error.parser()).getCode()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertEquals(errors, heard);
        assertEquals(lastSequence, last);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
