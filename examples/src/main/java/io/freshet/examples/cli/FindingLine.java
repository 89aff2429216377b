package io.freshet.examples.cli;

import io.freshet.log.LogFinding;
import io.freshet.log.MessageLog;
import io.freshet.log.chronicle.DataInspection;
import java.util.Locale;

/** What was found in a stored log, in one line. */
final class FindingLine {
    private FindingLine() {}

    static String of(LogFinding finding, DataInspection inspection) {
        StringBuilder line = new StringBuilder();
        line.append(finding.kind().isDamage() ? "damage: " : "note: ");
        line.append(finding.file());
        if (finding.offset() >= 0) {
            line.append(", byte ").append(finding.offset());
        }
        if (finding.position() != MessageLog.NULL_POSITION) {
            line.append(", position 0x").append(Long.toHexString(finding.position()));
        }
        if (finding.channel() != 0) {
            line.append(", channel ").append(channel(finding.channel(), inspection));
            line.append(", sequence ").append(finding.sequence());
        }
        return line.append(": ").append(sentence(finding, inspection)).toString();
    }

    /** A channel's name, or #id where it has none that can be read. */
    static String channel(long channel, DataInspection inspection) {
        String name = inspection.channelName(channel);
        return name == null ? "#" + channel : name;
    }

    private static String sentence(LogFinding finding, DataInspection inspection) {
        long count = finding.count();
        return switch (finding.kind()) {
            case DAMAGED_RECORDS -> counted(count, "message") + " not as written (checksum)";
            case MISSING_RECORDS -> counted(count, "message") + " missing before this document";
            case REPEATED_RECORDS -> counted(count, "sequence") + " given twice";
            case BROKEN_FILE -> "the chain of documents breaks off, " + counted(count, "byte") + " follow";
            case FILLED_DOCUMENTS -> counted(count, "document") + " lost before, an earlier start put fillers there";
            case FALSE_INDEX -> "the file's own index is false, the next start writes the file anew";
            case MISSING_FILE -> "was there when the log was closed";
            case FALSE_END -> "the log does not end where it was closed";
            case LOST_STATE -> "missing or damaged, the next start reads the log whole";
            case LOST_NAMES -> "the names of channels cannot be read: " + inspection.namesFailure();
            case UNFINISHED_END -> counted(count, "byte") + " of a document that is not finished";
        };
    }

    static String counted(long count, String what) {
        return String.format(Locale.ROOT, "%,d %s%s", count, what, count == 1 ? "" : "s");
    }
}
