package io.freshet.engine.signal;

import com.google.protobuf.InvalidProtocolBufferException;
import io.freshet.engine.delivery.Outlet;
import io.freshet.engine.delivery.Subscription;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;

/** A session that keeps the signals that it is given. */
final class Listener implements Outlet {
    final List<Signal> heard = new ArrayList<>();
    boolean reads = true;

    @Override
    public boolean hasRoom() {
        return reads;
    }

    @Override
    public boolean isDrained() {
        return reads;
    }

    @Override
    public void offerShared(ByteBuf frames) {
        int index = frames.readerIndex() + FrameHeader.LENGTH;
        try {
            heard.add(Signal.parseFrom(ByteBufUtil.getBytes(frames, index, frames.writerIndex() - index)));
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    Signal last() {
        return heard.get(heard.size() - 1);
    }

    @Override
    public void offer(ByteBuf frames) {
        throw new AssertionError("signals are shared");
    }

    @Override
    public void offerGap(long channel, long firstSequence, long count, GapReason reason) {
        throw new AssertionError();
    }

    @Override
    public void becameReady(Subscription subscription) {
        throw new AssertionError();
    }

    @Override
    public void readDone(Subscription subscription) {
        throw new AssertionError();
    }

    @Override
    public void failed(Subscription subscription) {
        throw new AssertionError();
    }
}
