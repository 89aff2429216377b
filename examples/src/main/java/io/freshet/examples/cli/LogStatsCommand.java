package io.freshet.examples.cli;

import io.freshet.log.LogDocument;
import io.freshet.log.chronicle.DataInspection;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code freshet log stats}: what is in a data directory, and which channels take the most of it. */
@Command(
        name = "stats",
        sortOptions = false,
        description = "Print what each shard of a data directory holds, and the channels with the most bytes.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:it could not be read; one line on standard error says why", "2:wrong usage"})
final class LogStatsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "The data directory.")
    private Path directory;

    @Option(
            names = "--channels",
            paramLabel = "N",
            defaultValue = "10",
            description = "How many channels to list (default: ${DEFAULT-VALUE}).")
    private int channelLimit;

    private final Map<Long, ChannelStats> channels = new HashMap<>();

    private static final class ShardStats {
        long documentCount;
        long recordCount;
        long length;
        long channelCount;
        long oldestUs = Long.MAX_VALUE;
        long newestUs = Long.MIN_VALUE;
    }

    private static final class ChannelStats {
        final long channel;
        final long firstSequence;
        long lastSequence;
        long recordCount;
        long length;

        ChannelStats(long channel, long firstSequence) {
            this.channel = channel;
            this.firstSequence = firstSequence;
        }
    }

    @Override
    public Integer call() {
        if (channelLimit < 0) {
            throw new ParameterException(
                    spec.commandLine(), "--channels is " + channelLimit + ", it must be 0 or more");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (DataInspection inspection = DataInspection.open(directory)) {
            List<ShardStats> shards = new ArrayList<>();
            for (int shard = 0; shard < inspection.shardCount(); shard++) {
                shards.add(new ShardStats());
            }
            DataInspection.Totals totals = inspection.read(
                    (shard, document) -> {
                        add(shards.get(shard), document);
                        return true;
                    },
                    finding -> {});
            out.println(directory + (inspection.isInUse() ? " (in use)" : ""));
            printShards(shards, inspection, out);
            printChannels(inspection, out);
            if (totals.damageCount() > 0) {
                out.println(FindingLine.counted(totals.damageCount(), "finding")
                        + " of damage; 'freshet log verify' says where");
            }
        }
        return ExitCode.OK;
    }

    private void add(ShardStats shard, LogDocument document) {
        shard.documentCount++;
        if (document.kind() != LogDocument.Kind.RUNS) {
            return;
        }
        shard.oldestUs = Math.min(shard.oldestUs, document.timeUs());
        shard.newestUs = Math.max(shard.newestUs, document.timeUs());
        for (int run = 0; run < document.runCount(); run++) {
            int count = document.recordCount(run);
            int length = document.recordOffset(run, count - 1)
                    + document.recordLength(run, count - 1)
                    - document.recordOffset(run, 0);
            ChannelStats channel = channels.get(document.channel(run));
            if (channel == null) {
                channel = new ChannelStats(document.channel(run), document.firstSequence(run));
                channels.put(channel.channel, channel);
                shard.channelCount++;
            }
            channel.lastSequence = document.firstSequence(run) + count - 1;
            channel.recordCount += count;
            channel.length += length;
            shard.recordCount += count;
            shard.length += length;
        }
    }

    private static void printShards(List<ShardStats> shards, DataInspection inspection, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%-6s %6s %10s %14s %12s %18s  %-27s %s%n",
                "shard",
                "epoch",
                "channels",
                "messages",
                "documents",
                "bytes",
                "oldest",
                "newest");
        for (int shard = 0; shard < shards.size(); shard++) {
            ShardStats stats = shards.get(shard);
            out.printf(
                    Locale.ROOT,
                    "%-6d %6d %,10d %,14d %,12d %,18d  %-27s %s%n",
                    shard,
                    inspection.epoch(shard),
                    stats.channelCount,
                    stats.recordCount,
                    stats.documentCount,
                    stats.length,
                    time(stats.oldestUs, stats.recordCount),
                    time(stats.newestUs, stats.recordCount));
        }
    }

    private static String time(long us, long recordCount) {
        return recordCount == 0
                ? "-"
                : Instant.EPOCH.plus(us, ChronoUnit.MICROS).toString();
    }

    private void printChannels(DataInspection inspection, PrintWriter out) {
        List<ChannelStats> largest = channels.values().stream()
                .sorted(Comparator.comparingLong((ChannelStats each) -> each.length)
                        .reversed()
                        .thenComparingLong(each -> each.channel))
                .limit(channelLimit)
                .toList();
        if (largest.isEmpty()) {
            return;
        }
        out.printf(Locale.ROOT, "%n%18s %14s %14s %14s  %s%n", "bytes", "messages", "first", "last", "channel");
        for (ChannelStats each : largest) {
            out.printf(
                    Locale.ROOT,
                    "%,18d %,14d %14d %14d  %s%n",
                    each.length,
                    each.recordCount,
                    each.firstSequence,
                    each.lastSequence,
                    FindingLine.channel(each.channel, inspection));
        }
    }
}
