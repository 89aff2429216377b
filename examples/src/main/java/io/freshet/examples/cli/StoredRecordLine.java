package io.freshet.examples.cli;

import io.freshet.log.LogDocument;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.RecordFrame;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** One record of a document of the log as a line. What does not match its checksums is not read any further. */
final class StoredRecordLine {
    byte[] text(String channel, LogDocument document, int run, int record) {
        StringBuilder line = new StringBuilder(channel).append(' ').append(document.firstSequence(run) + record);
        ByteBuf frame = frame(document, run, record);
        if (!isReadable(frame, document, run, record)) {
            return utf8(line.append(" (damaged)\n"));
        }
        line.append(' ').append(Instant.EPOCH.plus(RecordFrame.timestampUs(frame, 0), ChronoUnit.MICROS));
        line.append(' ').append(Long.toUnsignedString(RecordFrame.sender(frame, 0)));
        if (FrameHeader.kind(frame, 0) != 0) {
            line.append(" (kind ").append(FrameHeader.kind(frame, 0)).append(')');
        }
        line.append(isErased(frame) ? " (erased)" : " " + payload(frame).replace("\n", "\\n"));
        return utf8(line.append('\n'));
    }

    byte[] json(int shard, String channel, LogDocument document, int run, int record) {
        StringBuilder json = new StringBuilder(128).append("{\"channel\":");
        JsonLine.quote(json, channel);
        json.append(",\"sequence\":").append(document.firstSequence(run) + record);
        json.append(",\"shard\":").append(shard);
        json.append(",\"position\":").append(document.position());
        ByteBuf frame = frame(document, run, record);
        if (!isReadable(frame, document, run, record)) {
            return utf8(json.append(",\"damaged\":true}\n"));
        }
        json.append(",\"timestamp_us\":").append(RecordFrame.timestampUs(frame, 0));
        json.append(",\"sender\":").append(Long.toUnsignedString(RecordFrame.sender(frame, 0)));
        json.append(",\"kind\":").append(FrameHeader.kind(frame, 0));
        if (isErased(frame)) {
            return utf8(json.append(",\"erased\":true}\n"));
        }
        json.append(",\"text\":");
        JsonLine.quote(json, payload(frame));
        return utf8(json.append("}\n"));
    }

    private static ByteBuf frame(LogDocument document, int run, int record) {
        byte[] bytes = new byte[document.recordLength(run, record)];
        document.buffer().getBytes(document.recordOffset(run, record), bytes);
        return Unpooled.wrappedBuffer(bytes);
    }

    private static boolean isReadable(ByteBuf frame, LogDocument document, int run, int record) {
        return document.isIntact(run, record) && RecordFrame.isCanonical(frame, 0, frame.readableBytes());
    }

    private static boolean isErased(ByteBuf frame) {
        return (FrameHeader.flags(frame, 0) & FrameHeader.FLAG_ERASED) != 0;
    }

    private static String payload(ByteBuf frame) {
        int offset = RecordFrame.payloadOffset(frame, 0, frame.readableBytes());
        return frame.toString(offset, frame.readableBytes() - offset, StandardCharsets.UTF_8);
    }

    private static byte[] utf8(StringBuilder line) {
        return line.toString().getBytes(StandardCharsets.UTF_8);
    }
}
