package io.freshet.engine.simulation;

import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.FrameType;
import io.freshet.protocol.Frames;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.Error;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GapReason;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Published;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at what the server hands to its connections: only what is committed, byte for byte what the log holds, and no content that
 * somebody was told is erased; pages without a hole that is not told; and no connection is given records while it holds more
 * than its mark.
 */
final class WireChecker implements SimConnection.OfferListener {
    /** Bytes of one batch or chunk. */
    private static final int MAX_LENGTH = 64 * 1024;

    /** Offers of records in a row to a connection without room: chunks that were read for it meanwhile. */
    private static final int MAX_LATE_COUNT = 2;

    /** Bytes of records in the queue of a connection for which a second chunk was read, after which it had nothing outbound. */
    private static final int MAX_TWICE_LENGTH = 3 * MAX_LENGTH;

    private static final Map<FrameType, String> ARROWS =
            Stream.of(FrameType.values()).collect(Collectors.toMap(type -> type, type -> " <- " + type));

    private final Verdict verdict;
    private final Truth truth;
    private final Trace trace;
    private final SimAccess access;
    private final RevocationChecker revocations;
    private final SimPaces paces;
    private final SimClock clock;
    private final Fuse fuse;
    private final SignalChecker signals;
    private final ViewChecker views;
    private final Map<SimConnection, Integer> lateCounts = new HashMap<>();
    /** Bytes of records offered to each since it had nothing outbound. */
    private final Map<SimConnection, Long> waitingLengths = new HashMap<>();

    private final Map<SimConnection, SessionChecker> sessions = new HashMap<>();
    private long erasedCount;

    WireChecker(
            Verdict verdict,
            Truth truth,
            Trace trace,
            SimAccess access,
            RevocationChecker revocations,
            SimPaces paces,
            SimClock clock,
            Fuse fuse) {
        this.verdict = verdict;
        this.truth = truth;
        this.trace = trace;
        this.access = access;
        this.revocations = revocations;
        this.paces = paces;
        this.clock = clock;
        this.fuse = fuse;
        signals = new SignalChecker(verdict, truth, access);
        views = new ViewChecker(verdict, truth);
    }

    @Override
    public void onOffer(SimConnection connection, ByteBuf frames) {
        fuse.step();
        SessionChecker session = sessions.computeIfAbsent(
                connection,
                key -> new SessionChecker(
                        key.remoteAddress(), verdict, truth, access, revocations, paces, clock, signals));
        long before = connection.sentLength() + connection.outboundLength();
        boolean hasRecords = false;
        for (int at = frames.readerIndex(); at < frames.writerIndex(); ) {
            int length = (int) FrameHeader.frameLength(frames, at);
            FrameType type = Objects.requireNonNull(FrameType.of(FrameHeader.typeCode(frames, at)));
            hasRecords |= type == FrameType.RECORD;
            verdict.check(
                    type != FrameType.SIGNAL || connection.isWritable(),
                    () -> connection + " is given signals though it has no room");
            trace.note(connection.remoteAddress(), Objects.requireNonNull(ARROWS.get(type)));
            long streamEnd = before + at + length - frames.readerIndex();
            session.onFrame(type, frames, at, length, streamEnd);
            check(connection.remoteAddress(), type, frames, at, length);
            at += length;
        }
        int lateBefore = lateCounts.getOrDefault(connection, 0);
        int lateCount = connection.isWritable() ? 0 : hasRecords ? lateBefore + 1 : lateBefore;
        lateCounts.put(connection, lateCount);
        if (hasRecords) {
            verdict.check(
                    frames.readableBytes() <= MAX_LENGTH,
                    () -> connection + " got " + frames.readableBytes() + " bytes");
            long waitingLength = frames.readableBytes()
                    + (connection.outboundLength() == 0 ? 0 : waitingLengths.getOrDefault(connection, 0L));
            waitingLengths.put(connection, waitingLength);
            verdict.check(
                    lateCount < MAX_LATE_COUNT || (lateCount == MAX_LATE_COUNT && waitingLength <= MAX_TWICE_LENGTH),
                    () -> connection + " is given records though it has no room");
        }
    }

    /** Whether a record of this channel is still on its way from the server's memory to the network. */
    boolean isUnsent(SimConnection end, long channel) {
        SessionChecker session = sessions.get(end);
        return session != null && !end.isEnded() && session.lastRecordEnd(channel) > end.sentLength();
    }

    private void check(String to, FrameType type, ByteBuf frames, int at, int length) {
        switch (type) {
            case RECORD -> record(to, frames, at, length);
            case PUBLISHED -> published(to, Frames.parse(Published.parser(), frames, at, length));
            case PAGE -> page(to, Frames.parse(Page.parser(), frames, at, length));
            case OPENED -> {
                Opened opened = Frames.parse(Opened.parser(), frames, at, length);
                if (opened.getHead() > 0) {
                    truth.visible(opened.getChannel(), opened.getHead(), to);
                }
            }
            case ERROR -> {
                int code = Frames.parse(Error.parser(), frames, at, length).getCode();
                boolean isWindowBroken = code == ErrorCode.TOO_MANY_IN_FLIGHT.number();
                verdict.check(
                        !isWindowBroken || !to.startsWith(SimClient.NAME),
                        () -> to + " has more publishes without an answer than it may");
            }
            default -> {}
        }
    }

    private void record(String to, ByteBuf frames, int at, int length) {
        long channel = RecordFrame.channel(frames, at);
        Truth.Entry entry = truth.visible(channel, RecordFrame.sequence(frames, at), to);
        if (entry == null) {
            return;
        }
        boolean isErased = (FrameHeader.flags(frames, at) & FrameHeader.FLAG_ERASED) != 0;
        if (isErased) {
            erasedCount++;
            verdict.check(
                    !entry.isOfTheEngine() && truth.forgotten().mayBeErased(channel, entry.sequence()),
                    () -> to + " was given " + entry + " of channel " + channel + " as erased");
        } else {
            verdict.check(
                    !truth.forgotten().isErased(channel, entry.sequence()),
                    () -> to + " was given " + entry + " of channel " + channel + " after it was erased");
        }
        int payloadOffset = at + length - entry.payloadLength();
        byte[] payload = isErased ? erased(channel, entry, frames, at, payloadOffset) : payload(channel, entry);
        boolean isSame = entry.sender() == RecordFrame.sender(frames, at)
                && entry.kind() == FrameHeader.kind(frames, at)
                && entry.timestampUs() == RecordFrame.timestampUs(frames, at)
                && entry.nonce() == RecordFrame.nonce(frames, at)
                && length == RecordFrame.frameLength(entry.payloadLength());
        for (int i = 0; isSame && i < entry.payloadLength(); i++) {
            isSame = frames.getByte(payloadOffset + i) == payload[i];
        }
        if (!isSame) {
            verdict.fail(to + " was given another record than the log's " + entry);
        }
    }

    /** What is left of what is erased, as it was before if that is known. */
    private byte[] erased(long channel, Truth.Entry entry, ByteBuf frames, int at, int payloadOffset) {
        byte[] before = truth.event(channel, entry.sequence());
        if (before.length != entry.payloadLength()) {
            before = new byte[entry.payloadLength()];
            frames.getBytes(payloadOffset, before);
        }
        return SimEvents.erased(entry.kind(), FrameHeader.flags(frames, at), before);
    }

    private byte[] payload(long channel, Truth.Entry entry) {
        return entry.isEvent()
                ? truth.event(channel, entry.sequence())
                : Payloads.of(entry.sender(), entry.number(), entry.payloadLength());
    }

    private void published(String to, Published receipt) {
        for (int i = 0; i < receipt.getCount(); i++) {
            Truth.Entry entry = truth.visible(receipt.getChannel(), receipt.getFirstSequence() + i, to);
            if (entry != null && entry.nonce() != receipt.getFirstNonce() + i) {
                verdict.fail(to + " got a receipt for nonce " + (receipt.getFirstNonce() + i) + " that names " + entry);
            }
        }
    }

    private void page(String to, Page page) {
        TreeMap<Long, Long> pieces = new TreeMap<>();
        for (Gap gap : page.getGapsList()) {
            verdict.check(
                    gap.getChannel() == page.getChannel() && gap.getReason() == GapReason.GAP_REASON_EXPIRED,
                    () -> to + " was told by a page of a hole that nobody has made: " + gap);
            truth.expired(to, gap.getChannel(), gap.getFirstSequence(), gap.getCount());
            pieces.put(gap.getFirstSequence(), gap.getFirstSequence() + gap.getCount());
        }
        ByteBuf records = Unpooled.wrappedBuffer(page.getRecords().asReadOnlyByteBuffer());
        while (records.isReadable()) {
            int length = (int) FrameHeader.frameLength(records, records.readerIndex());
            record(to, records, records.readerIndex(), length);
            long sequence = RecordFrame.sequence(records, records.readerIndex());
            verdict.check(
                    pieces.put(sequence, sequence + 1) == null, () -> to + " got " + sequence + " twice in a page");
            records.skipBytes(length);
        }
        long next = pieces.isEmpty() ? 0 : pieces.firstKey();
        for (Map.Entry<Long, Long> piece : pieces.entrySet()) {
            long expected = next;
            verdict.check(
                    piece.getKey() == expected,
                    () -> to + " got a page that goes on at " + piece.getKey() + " instead of " + expected);
            next = piece.getValue();
        }
    }

    /** Records that connections were told they do not get, since they may skip. */
    long skippedCount() {
        return sessions.values().stream()
                .mapToLong(SessionChecker::skippedCount)
                .sum();
    }

    /** A server begins, with what its logs say. */
    void started() {
        signals.started();
        views.started();
    }

    /** What is told of posts. */
    ViewChecker views() {
        return views;
    }

    /** What is said and not kept. */
    SignalChecker signals() {
        return signals;
    }

    /** Records that were given to connections as erased. */
    long erasedCount() {
        return erasedCount;
    }
}
