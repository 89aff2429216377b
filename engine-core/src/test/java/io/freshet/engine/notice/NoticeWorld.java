package io.freshet.engine.notice;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.freshet.engine.channel.AttributesFollower;
import io.freshet.engine.delivery.ReaderProxy;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.log.ChannelTail;
import io.freshet.log.Durability;
import io.freshet.log.IndexReader;
import io.freshet.log.LogBatch;
import io.freshet.log.LogDocument;
import io.freshet.log.LogReader;
import io.freshet.log.MessageLog;
import io.freshet.log.StorageConfig;
import io.freshet.log.memory.MemoryDisk;
import io.freshet.log.memory.MemoryStorage;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.EventKind;
import io.freshet.protocol.FrameHeader;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.RecordFrame;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NotificationSetting;
import io.freshet.protocol.v1.ReadMark;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A storage in memory with a notifier on it and nothing else, in one thread on a clock of its own. It takes the place of shards: it
 * appends posts as they do once they are checked, and notices as the notifier asks for them.
 */
final class NoticeWorld implements Audience {
    static final long ANN = 1;
    static final long BOB = 2;
    static final long CYD = 3;
    static final long DAN = 4;
    private static final int SHARDS = 2;
    private static final long STEP_NS = 10_000_000;
    private static final int IDLE_STEPS = 300;
    private static final long EPOCH_US = 1_800_000_000_000_000L;

    final MemoryDisk disk;
    final List<Notification> pushed = new ArrayList<>();
    final Set<Long> blind = new HashSet<>();
    final Set<Long> undisturbed = new HashSet<>();
    final Map<Long, List<Long>> roles = new HashMap<>();
    /** The author of whose roles nothing can be said; 0: of everybody's. */
    long unansweredAuthor;
    /** How many more times it cannot be said who has a role. */
    int unansweredRoleCount;
    /** How many more times it cannot be said who may see what. */
    int unansweredCount;
    /** The user whose inbox alone refuses; 0: every inbox. */
    long refusing;

    /** How many appends of notices are still refused, with this code. */
    int refusalCount;

    ErrorCode refusal = ErrorCode.OVERLOADED;
    private final MemoryStorage storage;
    private final List<Agent> agents = new ArrayList<>();
    private final Map<Long, Long> sequences = new HashMap<>();
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private final Notifier notifier;
    private long nowNs;

    NoticeWorld(MemoryDisk disk) {
        this(disk, 1);
    }

    /** @param nowNs what its clock says first, which is 1 otherwise */
    NoticeWorld(MemoryDisk disk, long nowNs) {
        this.disk = disk;
        this.nowNs = nowNs;
        storage = MemoryStorage.open(
                disk,
                StorageConfig.builder()
                        .shardCount(SHARDS)
                        .syncInterval(Duration.ofMillis(100))
                        .checkpointInterval(Duration.ofMillis(100))
                        .nanoClock(() -> this.nowNs)
                        .build());
        notifier = new Notifier(
                storage,
                this,
                this::publish,
                List.of(pushed::add),
                Duration.ofSeconds(2).toNanos(),
                () -> this.nowNs,
                this::timeUs);
        for (int i = 0; i < SHARDS; i++) {
            storage.index(i).addFollower(new AttributesFollower());
            storage.index(i).catchUp();
            attach(i);
        }
        agents.addAll(storage.agents());
        notifier.onStart();
    }

    /** What was appended before goes on. */
    private void attach(int shard) {
        try (IndexReader index = storage.index(shard).openReader()) {
            ChannelTail tail = new ChannelTail();
            for (long channel = 1; channel <= storage.channels().count(); channel++) {
                if (ReaderProxy.shardOf(channel, SHARDS) == shard) {
                    boolean isThere = index.tail(channel, tail);
                    storage.log(shard).attach(channel, isThere ? tail.lastPosition : MessageLog.NULL_POSITION);
                    sequences.put(channel, isThere ? tail.lastSequence : 0);
                }
            }
        }
    }

    long channel(String name) {
        long channel = storage.channels().findOrCreate(name);
        if (sequences.putIfAbsent(channel, 0L) == null) {
            storage.log(ReaderProxy.shardOf(channel, SHARDS)).attach(channel, MessageLog.NULL_POSITION);
        }
        return channel;
    }

    /** Appends a post as a shard does; returns its sequence. */
    long post(String channel, long author, Content content) {
        return append(channel(channel), EventKind.POST, FrameHeader.FLAG_CHECKED, author, content);
    }

    long post(String channel, long author, String text, long... mentioned) {
        return post(channel, author, content(text, mentioned).build());
    }

    static Content.Builder content(String text, long... mentioned) {
        Content.Builder content = Content.newBuilder().setText(text);
        for (long user : mentioned) {
            content.addMentions(Mention.newBuilder().setUser(user));
        }
        return content;
    }

    static Content.Builder toEveryone(String text) {
        return Content.newBuilder()
                .setText(text)
                .addMentions(Mention.newBuilder().setEveryone(Mention.Everyone.getDefaultInstance()));
    }

    static Content.Builder toRoles(String text, long... roles) {
        Content.Builder content = Content.newBuilder().setText(text);
        for (long role : roles) {
            content.addMentions(Mention.newBuilder().setRole(role));
        }
        return content;
    }

    void set(long user, NotificationSetting setting) {
        append(channel(InboxName.of(user)), EventKind.SETTING, 0, user, setting);
    }

    void markRead(long user, String channel, long sequence) {
        ReadMark mark = ReadMark.newBuilder()
                .setChannel(channel(channel))
                .setSequence(sequence)
                .build();
        append(channel(InboxName.of(user)), EventKind.READ, 0, user, mark);
    }

    /** Writes a notice as the application does. */
    void notice(long user, Notice notice) {
        append(channel(InboxName.of(user)), EventKind.NOTICE, 0, 0, notice);
    }

    long append(long channel, EventKind kind, int flags, long sender, MessageLite payload) {
        return append(channel, kind, flags, sender, List.of(payload.toByteArray()));
    }

    private long append(long channel, EventKind kind, int flags, long sender, List<byte[]> payloads) {
        long first = sequences.getOrDefault(channel, 0L) + 1;
        ByteBuf frames = Unpooled.buffer(1 << 16);
        LogBatch batch = new LogBatch();
        batch.reset(timeUs(), Durability.WRITTEN);
        UnsafeBuffer view = new UnsafeBuffer(frames.array());
        batch.startRun(channel, first, view, 0);
        for (int i = 0; i < payloads.size(); i++) {
            byte[] payload = payloads.get(i);
            int at = frames.writerIndex();
            RecordFrame.writeHead(frames, kind.code(), channel, first + i, timeUs(), sender, 0, payload.length);
            frames.setByte(at + FrameHeader.FLAGS_OFFSET, flags);
            int head = frames.writerIndex() - at;
            frames.writeBytes(payload);
            batch.addRecord(frames.writerIndex() - at, head);
        }
        long ordinal = storage.log(ReaderProxy.shardOf(channel, SHARDS)).append(batch);
        if (ordinal <= 0) {
            return ordinal;
        }
        sequences.put(channel, first + payloads.size() - 1);
        return first;
    }

    private long timeUs() {
        return EPOCH_US + nowNs / 1000;
    }

    private void publish(long inbox, List<byte[]> payloads, NoticePublisher.Outcome outcome) {
        channel(Objects.requireNonNull(storage.channels().name(inbox)));
        later.add(() -> {
            boolean isRefusing = refusing == 0
                    || InboxName.of(refusing).equals(storage.channels().name(inbox));
            if (refusalCount > 0 && isRefusing) {
                refusalCount--;
                outcome.onDone(0, refusal);
                return;
            }
            long first = append(inbox, EventKind.NOTICE, 0, 0, payloads);
            boolean isKept = first > 0;
            later.add(() -> outcome.onDone(isKept ? payloads.size() : 0, isKept ? null : ErrorCode.OUTCOME_UNKNOWN));
        });
    }

    @Override
    public CompletionStage<Boolean> maySee(long user, String channel) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        if (unansweredCount > 0) {
            unansweredCount--;
            later.add(() -> answer.completeExceptionally(new IllegalStateException("not now")));
        } else {
            later.add(() -> answer.complete(!blind.contains(user)));
        }
        return answer;
    }

    @Override
    public CompletionStage<List<Long>> roleMembers(long role, long author, String channel) {
        CompletableFuture<List<Long>> answer = new CompletableFuture<>();
        if (unansweredRoleCount > 0 && (unansweredAuthor == 0 || unansweredAuthor == author)) {
            unansweredRoleCount--;
            later.add(() -> answer.completeExceptionally(new IllegalStateException("not now")));
        } else {
            later.add(() -> answer.complete(roles.getOrDefault(role, List.of())));
        }
        return answer;
    }

    @Override
    public boolean isUndisturbed(long user) {
        return undisturbed.contains(user);
    }

    /** Makes a channel of these people, as the server does. */
    void makeDirect(String channel, Long... members) {
        ChannelAttributes attributes = ChannelAttributes.newBuilder()
                .setKind(ChannelKind.CHANNEL_KIND_DIRECT)
                .addAllMembers(List.of(members))
                .build();
        append(channel(channel), EventKind.ATTRIBUTES, FrameHeader.FLAG_CHECKED, 0, attributes);
    }

    /** The id of a channel, 0 when there is none. */
    long find(String channel) {
        return storage.channels().find(channel);
    }

    /** Goes on for so many seconds. */
    void pass(int seconds) {
        for (long i = 0; i < TimeUnit.SECONDS.toNanos(seconds) / STEP_NS; i++) {
            step();
        }
    }

    void step() {
        nowNs += STEP_NS;
        for (int i = later.size(); i > 0; i--) {
            later.removeFirst().run();
        }
        agents.forEach(NoticeWorld::work);
        work(notifier);
    }

    private static void work(Agent agent) {
        try {
            agent.doWork();
        } catch (Exception e) {
            throw new AssertionError(agent.roleName(), e);
        }
    }

    /** Goes on for three seconds, which is more than anything here takes. */
    void settle() {
        for (int i = 0; i < IDLE_STEPS; i++) {
            step();
        }
    }

    long count(NoticeCounter counter) {
        return notifier.counters().value(counter);
    }

    /** Ends it as a process ends. */
    void close() {
        notifier.onClose();
        storage.close();
    }

    /** The notices in a user's inbox, as the log has them. */
    List<Notice> notices(long user) {
        return records(storage.channels().find(InboxName.of(user)), EventKind.NOTICE).stream()
                .map(NoticeWorld::notice)
                .toList();
    }

    private static Notice notice(byte[] payload) {
        try {
            return Notice.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    /** What a user was told of, in order, as {@code reason channel:sequence}. */
    List<String> heard(long user) {
        return notices(user).stream()
                .map(notice -> notice.getReason().name().substring("REASON_".length()) + " " + notice.getChannelName()
                        + ":" + notice.getSequence())
                .toList();
    }

    /** Payloads of the channel's records of a kind, by sequence. */
    List<byte[]> records(long channel, EventKind kind) {
        return new ArrayList<>(recordsBySequence(channel, kind).values());
    }

    Map<Long, byte[]> recordsBySequence(long channel, EventKind kind) {
        Map<Long, byte[]> found = new TreeMap<>();
        try (LogReader reader =
                storage.log(ReaderProxy.shardOf(channel, SHARDS)).openReader()) {
            reader.toStart();
            while (reader.next()) {
                LogDocument document = reader.document();
                for (int run = 0; document.kind() == LogDocument.Kind.RUNS && run < document.runCount(); run++) {
                    for (int i = 0; document.channel(run) == channel && i < document.recordCount(run); i++) {
                        byte @Nullable [] payload = payload(document, run, i, kind);
                        if (payload != null) {
                            found.put(document.firstSequence(run) + i, payload);
                        }
                    }
                }
            }
        }
        return found;
    }

    private static byte @Nullable [] payload(LogDocument document, int run, int record, EventKind kind) {
        int length = document.recordLength(run, record);
        ByteBuffer bytes = ByteBuffer.allocate(length);
        document.buffer().getBytes(document.recordOffset(run, record), bytes, length);
        ByteBuf frame = Unpooled.wrappedBuffer(bytes.array());
        if (FrameHeader.kind(frame, 0) != kind.code()) {
            return null;
        }
        int offset = RecordFrame.payloadOffset(frame, 0, length);
        byte[] payload = new byte[length - offset];
        frame.getBytes(offset, payload);
        return payload;
    }
}
