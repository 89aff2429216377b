package io.freshet.engine.simulation;

import com.google.protobuf.ByteString;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.Versions;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Cursor;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Record;
import io.netty.buffer.ByteBuf;
import java.util.Set;

/**
 * A client that behaves, beside one that does not: it follows a channel, and nothing that others do may end its connection, make a hole
 * in what it gets, or put words into anybody's mouth.
 */
final class Bystander extends RawPeer {
    private static final int INSTANCE = 77;

    private final long principal;
    private final String channelName;
    private final Set<Long> senders;
    private final long pingNs;
    private boolean isLeaving;
    private long channel;
    private long nextSequence;
    private int publishedCount;
    private int receiptCount;
    private int ownCount;
    private long foreignCount;

    /** @param others principals of those who may publish beside it */
    Bystander(SimTransport transport, long principal, String channelName, Set<Long> others, long pingNs) {
        super(transport);
        this.principal = principal;
        this.channelName = channelName;
        this.senders = others;
        this.pingNs = pingNs;
    }

    @Override
    public void onFrame(FrameType type, int flags, int kind, ByteBuf buffer, int frameIndex, int frameLength) {
        super.onFrame(type, flags, kind, buffer, frameIndex, frameLength);
        switch (type) {
            case HELLO ->
                send(
                        FrameType.CONNECT,
                        Connect.newBuilder()
                                .setVersion(Versions.MAX)
                                .setInstance(INSTANCE)
                                .setToken(ByteString.copyFromUtf8(Long.toString(principal)))
                                .build());
            case WELCOME -> {
                Cursor live = Cursor.newBuilder()
                        .setLive(Cursor.Live.getDefaultInstance())
                        .build();
                send(
                        FrameType.OPEN,
                        Open.newBuilder()
                                .setRequest(1)
                                .setName(channelName)
                                .setCreate(true)
                                .setCursor(live)
                                .build());
                ping();
            }
            case OPENED -> {
                Opened opened = Frames.parse(Opened.parser(), buffer, frameIndex, frameLength);
                channel = opened.getChannel();
                nextSequence = opened.getNext();
            }
            case RECORD -> onRecord(buffer, frameIndex, frameLength);
            case PUBLISHED ->
                receiptCount += Frames.parse(Published.parser(), buffer, frameIndex, frameLength)
                        .getCount();
            case PONG -> {}
            default -> throw new AssertionError("the bystander was sent " + type);
        }
    }

    private void ping() {
        if (isConnected() && !isLeaving) {
            send(FrameType.PING, Ping.getDefaultInstance());
            transport().schedule(this::ping, pingNs);
        }
    }

    private void onRecord(ByteBuf buffer, int frameIndex, int frameLength) {
        Record record = Frames.parse(Record.parser(), buffer, frameIndex, frameLength);
        if (record.getChannel() != channel || record.getSequence() != nextSequence) {
            throw new AssertionError("sequence " + nextSequence + " was due, and this came: " + record);
        }
        if (!RecordFrame.isCanonical(buffer, frameIndex, frameLength)) {
            throw new AssertionError("a record that is not canonical: " + record);
        }
        nextSequence++;
        if (record.getSender() == principal) {
            ownCount++;
        } else if (senders.contains(record.getSender())) {
            foreignCount++;
        } else {
            throw new AssertionError("nobody is " + record.getSender() + ": " + record);
        }
        if (ownCount > publishedCount) {
            throw new AssertionError("somebody spoke for the bystander: " + record);
        }
    }

    boolean isOpen() {
        return channel != 0;
    }

    /** Publishes one record, acknowledged. In its transport's turn. */
    void publish() {
        byte[] payload = {1, 2, 3};
        ByteBuf frame = transport().allocator().directBuffer();
        long nonce = (long) INSTANCE << 32 | ++publishedCount;
        RecordFrame.writeHead(frame, 0, channel, 0, 0, 0, nonce, payload.length);
        send(frame.writeBytes(payload));
    }

    /** Whether it has everything that it published, and the receipts. */
    boolean isServed() {
        return ownCount == publishedCount && receiptCount == publishedCount;
    }

    /** Records of others that it was given. */
    long foreignCount() {
        return foreignCount;
    }

    void leave() {
        isLeaving = true;
        abort();
    }
}
