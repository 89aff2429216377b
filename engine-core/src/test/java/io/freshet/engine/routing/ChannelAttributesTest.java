package io.freshet.engine.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.freshet.engine.Principal;
import io.freshet.engine.channel.KnownAttributes;
import io.freshet.engine.channel.Succession;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageConfig;
import io.freshet.log.chronicle.ChronicleStorage;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryDisk.Kept;
import io.freshet.log.memory.MemoryFaults;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a channel is, beside a model that only knows which records were admitted and which of them stayed: through failed appends,
 * restarts, crashes, lost indexes and evictions, on both storages.
 */
class ChannelAttributesTest {
    private static final long MEMBER = 7;
    private static final long OTHER = 8;
    private static final long STRANGER = 9;
    private static final byte[] TEXT = {1};

    private final Random seeds = new Random();
    private long lastTitle;

    /** One channel as it is to be: what is admitted, and of that what is committed. */
    private static final class Model {
        final List<KnownAttributes> admitted = new ArrayList<>();

        @Nullable
        KnownAttributes committed;

        long committedHead;
        long head;

        @Nullable
        KnownAttributes latest() {
            return admitted.isEmpty() ? committed : admitted.get(admitted.size() - 1);
        }

        void commit() {
            committed = latest();
            committedHead = head;
            admitted.clear();
        }

        void undo() {
            head = committedHead;
            admitted.clear();
        }
    }

    @Test
    void shouldHoldExactlyWhatTheLogSaysInMemory() throws Exception {
        for (int run = 0; run < 150; run++) {
            long seed = seeds.nextLong();
            MemoryDisk disk = new MemoryDisk();
            Supplier<Storage> open = () -> MemoryStorage.open(
                    disk, StorageConfig.builder().shardCount(1).build());
            run(seed, 200, open, disk);
        }
    }

    @Test
    void shouldHoldExactlyWhatTheLogSaysOnTheDisk(@TempDir Path directory) throws Exception {
        for (int run = 0; run < 4; run++) {
            long seed = seeds.nextLong();
            Path data = directory.resolve("data" + run);
            run(
                    seed,
                    150,
                    () -> ChronicleStorage.open(
                            data,
                            StorageConfig.builder()
                                    .shardCount(1)
                                    .minFreeLength(0)
                                    .build()),
                    null);
        }
    }

    private void run(long seed, int steps, Supplier<Storage> open, @Nullable MemoryDisk disk) throws Exception {
        Random random = new Random(seed);
        Model model = new Model();
        AttributedShard shard = new AttributedShard(open.get(), 1_000_000_000, 0);
        try {
            for (int step = 0; step < steps; step++) {
                String where = "seed " + seed + ", step " + step;
                int dice = random.nextInt(100);
                if (dice < 30) {
                    publish(random, shard, model, where);
                } else if (dice < 60) {
                    change(random, shard, model, where);
                } else if (dice < 80) {
                    commit(random, shard, model, where);
                } else if (dice < 90) {
                    attach(random, shard, model, where);
                } else if (dice < 95) {
                    evict(shard, model);
                } else {
                    shard = reopen(random, shard, model, open, disk);
                }
            }
            shard.shard.commit();
            model.commit();
            assertEquals(model.committed, shard.inLog(), "seed " + seed);
        } finally {
            shard.close();
        }
    }

    private static void publish(Random random, AttributedShard shard, Model model, String where) {
        List<Long> attached = shard.attached();
        if (attached.isEmpty()) {
            return;
        }
        long sender = attached.get(random.nextInt(attached.size()));
        int kind = random.nextInt(8) == 0 ? EventKind.EXPIRY.code() : 0;
        boolean isOfTheEngine = sender == Principal.SYSTEM.id() && kind != 0;
        KnownAttributes now = model.latest();
        ErrorCode expected = null;
        if (now != null && !isOfTheEngine) {
            expected =
                    now.isDeleted() ? ErrorCode.UNKNOWN_CHANNEL : now.isArchived() ? ErrorCode.CHANNEL_ARCHIVED : null;
        }
        assertEquals(expected, shard.publish(sender, kind, TEXT), where);
        model.head += expected == null ? 1 : 0;
    }

    private void change(Random random, AttributedShard shard, Model model, String where) {
        List<Long> attached = shard.attached();
        if (attached.isEmpty()) {
            return;
        }
        long sender = attached.get(random.nextInt(attached.size()));
        KnownAttributes now = model.latest();
        ChannelAttributes next = random(random, now);
        ErrorCode expected = now != null && now.isDeleted()
                ? ErrorCode.UNKNOWN_CHANNEL
                : Succession.refusal(next, now, model.head, sender);
        assertEquals(
                expected,
                shard.publish(sender, EventKind.ATTRIBUTES.code(), next.toByteArray()),
                () -> where + ": " + next + " after " + now);
        if (expected == null) {
            model.admitted.add(new KnownAttributes(++model.head, next));
        }
    }

    private ChannelAttributes random(Random random, @Nullable KnownAttributes now) {
        ChannelAttributes.Builder next =
                now == null || random.nextInt(6) == 0 ? ChannelAttributes.newBuilder() : now.message().toBuilder();
        next.clearReplaces().clearChangedBy().setTitle("title " + ++lastTitle);
        switch (random.nextInt(12)) {
            case 0 ->
                next.setKind(ChannelKind.CHANNEL_KIND_DIRECT).clearMembers().addMembers(MEMBER);
            case 1, 2 -> next.setArchived(!next.getArchived());
            case 3 -> next.setKind(ChannelKind.CHANNEL_KIND_LIVE);
            case 4 -> {
                ChannelKind kind = next.getKind();
                next.clear().setKind(kind).setDeleted(random.nextInt(3) == 0);
            }
            case 5 -> next.setTitle("x".repeat(201));
            case 6 -> next.setReplaces(random.nextInt(4));
            case 7 -> next.setReplaces(now == null ? 0 : now.sequence());
            case 8 -> next.setChangedBy(MEMBER);
            default -> next.setTopic("about " + lastTitle);
        }
        return next.build();
    }

    private static void commit(Random random, AttributedShard shard, Model model, String where) throws Exception {
        List<Long> attached = shard.attached();
        boolean wasDeleted = model.committed != null && model.committed.isDeleted();
        boolean fails = random.nextInt(3) == 0 && shard.storage() instanceof MemoryStorage;
        if (fails) {
            MemoryFaults faults = ((MemoryStorage) shard.storage()).faults(0);
            faults.refuse(random.nextBoolean() ? MessageLog.NO_SPACE : MessageLog.FAILED);
            shard.shard.commit();
            faults.accept();
            model.undo();
        } else {
            shard.shard.commit();
            model.commit();
        }
        boolean isOver = !wasDeleted && model.committed != null && model.committed.isDeleted();
        boolean isDirect =
                !isOver && model.committed != null && model.committed.message().getMembersCount() > 0;
        List<Long> leaving = isOver
                ? attached
                : isDirect
                        ? attached.stream()
                                .filter(each -> each == OTHER || each == STRANGER)
                                .toList()
                        : List.of();
        assertEquals(leaving, shard.ended(), where);
        if (random.nextBoolean()) {
            shard.runAgents();
        }
        assertEquals(model.committed, shard.inLog(), where);
    }

    private static void attach(Random random, AttributedShard shard, Model model, String where) {
        long principal = List.of(Principal.SYSTEM.id(), MEMBER, OTHER, STRANGER).get(random.nextInt(4));
        boolean needsAttributes = random.nextInt(5) == 0;
        AttributedShard.Told told = shard.attach(principal, needsAttributes);
        KnownAttributes now = model.committed;
        boolean isSystem = principal == Principal.SYSTEM.id();
        boolean isThere = now == null
                ? !needsAttributes || isSystem
                : isSystem || (!now.isDeleted() && (now.message().getMembersCount() == 0 || principal == MEMBER));
        if (isThere) {
            assertNull(told.refusal(), where);
            assertEquals(now, told.attributes(), where);
            assertEquals(model.committedHead, told.head(), where);
        } else {
            assertEquals(ErrorCode.UNKNOWN_CHANNEL, told.refusal(), where);
        }
    }

    private static void evict(AttributedShard shard, Model model) throws Exception {
        shard.detachAll();
        shard.shard.commit();
        model.commit();
        shard.ended();
        shard.runAgents();
        shard.pass(2 * AttributedShard.IDLE_NS / 1_000);
        for (int i = 0; i < 3; i++) {
            shard.shard.onTick();
        }
    }

    /** In order, or as if the process had died: what was not appended is lost then, and sometimes the index with it. */
    private static AttributedShard reopen(
            Random random, AttributedShard shard, Model model, Supplier<Storage> open, @Nullable MemoryDisk disk) {
        long nowUs = shard.nowUs();
        int lastInstance = shard.lastInstance();
        if (disk != null && random.nextBoolean()) {
            shard.abandon();
            disk.crash(Kept.WRITTEN, random.nextBoolean());
        } else {
            shard.close();
        }
        model.undo();
        if (disk != null && random.nextInt(3) == 0) {
            disk.dropIndex(0);
        }
        return new AttributedShard(open.get(), nowUs + 1, lastInstance);
    }
}
