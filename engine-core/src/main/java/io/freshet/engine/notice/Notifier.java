package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.v1.Notice;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users of posts that concern them, by a notice in each one's inbox, once. An agent on a thread of its own, which may block.
 *
 * <p>It works in rounds: posts up to where the index stands; then it waits until the index knows everything that was there by
 * then, so that settings acknowledged before a post count; then notices are appended. What was dealt with is kept only once the index
 * knows the notices: whatever ends the process in between, the next looks at those posts again, and passes over what is in the inboxes.
 */
public final class Notifier implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    /** Notices on their way, beyond which no further post is looked at; one post adds {@value NoticeFinder#EVERYONE_LIMIT} and some more. */
    private static final int WAITING_LIMIT = 4_096;

    /** Inboxes that are being written to. */
    private static final int WRITING_LIMIT = 256;

    /** Documents with posts of one shard that may wait to be looked at without its log being read from then on. */
    private static final int QUEUE_CAPACITY = 4_096;

    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long GIVE_UP_NS = TimeUnit.MINUTES.toNanos(1);

    private enum Step {
        LOOK,
        SETTLE,
        NOTIFY
    }

    /** A round that is over: where each shard stood, and what the index is to know before that counts. */
    private static final class Finished {
        final long[] positions;
        final long[] barrier;

        Finished(long[] positions, long[] barrier) {
            this.positions = positions;
            this.barrier = barrier;
        }
    }

    private final Storage storage;
    private final Audience audience;
    private final NoticePublisher publisher;
    private final NanoClock clock;
    private final List<NotificationSink> sinks;
    private final long unreadForNs;
    private final Counters<NoticeCounter> counters = new Counters<>(NoticeCounter.class);
    private final List<InboxFollower> followers = new ArrayList<>();
    private final List<PostQueue> queues = new ArrayList<>();
    private final List<ShardPosts> shards = new ArrayList<>();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Sightings sightings;
    private final Map<Long, Lane> lanes = new LinkedHashMap<>();
    private final ArrayDeque<Finished> finished = new ArrayDeque<>();
    private @Nullable InboxReader inboxes;
    private @Nullable NoticeFinder finder;
    private @Nullable Pushes pushes;
    private Step step = Step.LOOK;
    private long[] barrier = {};
    private int shard;
    private Iterator<StoredPost> posts = List.<StoredPost>of().iterator();
    private int waitingCount;
    private int writingCount;
    private boolean isFrozen;

    /**
     * Registers what must follow the storage's logs: before their indexes are brought up to date.
     *
     * @param unreadForNs how long a post stays unread before the sinks are told
     */
    public Notifier(
            Storage storage,
            Audience audience,
            NoticePublisher publisher,
            List<NotificationSink> sinks,
            long unreadForNs,
            NanoClock clock) {
        this.storage = storage;
        this.audience = audience;
        this.publisher = publisher;
        this.sinks = List.copyOf(sinks);
        this.unreadForNs = unreadForNs;
        this.clock = clock;
        sightings = new Sightings(audience, answers);
        for (int i = 0; i < storage.shardCount(); i++) {
            PostQueue queue = new PostQueue(QUEUE_CAPACITY);
            InboxFollower follower = new InboxFollower(storage.channels()::name, queue);
            queues.add(queue);
            followers.add(follower);
            storage.index(i).addFollower(follower);
        }
    }

    /** What it counts; the agent's thread writes it. */
    public Counters<NoticeCounter> counters() {
        return counters;
    }

    /** What the sinks have given up. Any thread. */
    public long droppedCount() {
        return sinks.stream().mapToLong(NotificationSink::droppedCount).sum();
    }

    @Override
    public void onStart() {
        InboxReader reader = new InboxReader(storage);
        inboxes = reader;
        finder = new NoticeFinder(reader, audience, counters);
        pushes = new Pushes(sinks, unreadForNs, reader, counters);
        for (int i = 0; i < storage.shardCount(); i++) {
            shards.add(new ShardPosts(
                    storage.log(i), storage.index(i), followers.get(i), queues.get(i), reader.progress(i)));
        }
    }

    @Override
    public int doWork() {
        int count = 0;
        for (Runnable answer = answers.poll(); answer != null; answer = answers.poll()) {
            answer.run();
            count++;
        }
        count += keepFinished();
        count += switch (step) {
            case LOOK -> look();
            case SETTLE -> settle();
            case NOTIFY -> notifyUsers();
        };
        assert pushes != null;
        return count + pushes.doWork(clock.nanoTime());
    }

    private int look() {
        boolean isWorth = false;
        for (ShardPosts each : shards) {
            isWorth |= each.look();
        }
        if (!isWorth) {
            if (finished.isEmpty() && !isFrozen) {
                shards.forEach(each -> each.done(each.position()));
            }
            return 0;
        }
        barrier = lastPositions();
        step = Step.SETTLE;
        return 1;
    }

    private int settle() {
        if (!isIndexed(barrier)) {
            return 0;
        }
        shard = 0;
        step = Step.NOTIFY;
        return 1;
    }

    private int notifyUsers() {
        int count = read() + sightings.doWork() + write();
        counters.set(NoticeCounter.WAITING, waitingCount);
        if (shard == shards.size() && lanes.isEmpty()) {
            sightings.clear();
            finished.addLast(
                    new Finished(shards.stream().mapToLong(ShardPosts::position).toArray(), lastPositions()));
            step = Step.LOOK;
            count++;
        }
        return count;
    }

    /** Looks at posts while there is room for what comes of them. */
    private int read() {
        int count = 0;
        while (waitingCount < WAITING_LIMIT && shard < shards.size()) {
            if (posts.hasNext()) {
                find(posts.next());
                count++;
                continue;
            }
            List<StoredPost> next = shards.get(shard).next();
            if (next == null) {
                shard++;
            } else {
                posts = next.iterator();
            }
        }
        return count;
    }

    private void find(StoredPost post) {
        String name = storage.channels().name(post.channel());
        assert finder != null;
        if (name != null && !InboxName.isOfInboxes(name)) {
            finder.find(post, shards.get(shard), shard, name, (user, notice) -> {
                sightings.ask(user, lanes.computeIfAbsent(user, Lane::new).add(notice));
                waitingCount++;
            });
        }
    }

    /** Hands on what may be; lanes that are empty go. */
    private int write() {
        int count = 0;
        long nowNs = clock.nanoTime();
        for (Iterator<Lane> all = lanes.values().iterator(); all.hasNext() && writingCount < WRITING_LIMIT; ) {
            Lane lane = all.next();
            if (lane.isPublishing || (lane.refusedSinceNs != 0 && nowNs - lane.nextTryNs < 0)) {
                continue;
            }
            int unseen = lane.dropUnseen();
            waitingCount -= unseen;
            counters.add(NoticeCounter.UNSEEN, unseen);
            if (lane.isEmpty()) {
                all.remove();
                count++;
                continue;
            }
            List<Notice> group = lane.group();
            if (!group.isEmpty()) {
                publish(lane, group);
                count++;
            }
        }
        return count;
    }

    private void publish(Lane lane, List<Notice> group) {
        lane.isPublishing = true;
        writingCount++;
        long inbox;
        try {
            inbox = storage.channels().findOrCreate(InboxName.of(lane.user));
        } catch (StorageException e) {
            answers.add(() -> onPublished(lane, group, 0, ErrorCode.STORAGE_FULL));
            return;
        }
        List<byte[]> payloads = group.stream().map(Notice::toByteArray).toList();
        publisher.publish(
                inbox,
                payloads,
                (committedCount, refusal) -> answers.add(() -> onPublished(lane, group, committedCount, refusal)));
    }

    private void onPublished(Lane lane, List<Notice> group, int committedCount, @Nullable ErrorCode refusal) {
        long nowNs = clock.nanoTime();
        lane.isPublishing = false;
        writingCount--;
        lane.remove(committedCount);
        waitingCount -= committedCount;
        counters.add(NoticeCounter.WRITTEN, committedCount);
        assert pushes != null;
        for (int i = 0; i < committedCount; i++) {
            pushes.add(lane.user, group.get(i), nowNs);
        }
        if (refusal == null) {
            lane.refusedSinceNs = 0;
            return;
        }
        counters.add(NoticeCounter.REFUSED, 1);
        lane.nextTryNs = nowNs + RETRY_NS;
        if (lane.refusedSinceNs == 0 || committedCount > 0) {
            lane.refusedSinceNs = nowNs == 0 ? 1 : nowNs;
        }
        if (refusal.isOutcomeUnknown() || nowNs - lane.refusedSinceNs > GIVE_UP_NS) {
            giveUp(lane, group.size() - committedCount, refusal);
        }
    }

    /** When it is not known what was kept, all that is dealt with from now on counts only until the next start, which looks again. */
    private void giveUp(Lane lane, int count, ErrorCode refusal) {
        isFrozen |= refusal.isOutcomeUnknown();
        lane.remove(count);
        lane.refusedSinceNs = 0;
        waitingCount -= count;
        counters.add(NoticeCounter.DROPPED, count);
        LOG.warn("{} notices were given up, since their inbox does not take them: {}", count, refusal);
    }

    private int keepFinished() {
        int count = 0;
        while (!finished.isEmpty() && isIndexed(finished.getFirst().barrier)) {
            Finished round = finished.removeFirst();
            for (int i = 0; i < shards.size() && !isFrozen; i++) {
                shards.get(i).done(round.positions[i]);
            }
            count++;
        }
        return count;
    }

    private long[] lastPositions() {
        return shards.stream().mapToLong(ShardPosts::lastPosition).toArray();
    }

    private boolean isIndexed(long[] positions) {
        for (int i = 0; i < positions.length; i++) {
            if (positions[i] != MessageLog.NULL_POSITION && !shards.get(i).isIndexed(positions[i])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void onClose() {
        shards.forEach(ShardPosts::close);
        if (inboxes != null) {
            inboxes.close();
        }
    }

    @Override
    public String roleName() {
        return "freshet-notifier";
    }
}
