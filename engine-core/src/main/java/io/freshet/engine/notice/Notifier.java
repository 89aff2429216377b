package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.log.ChannelDirectory;
import io.freshet.log.MessageLog;
import io.freshet.log.Storage;
import io.freshet.log.StorageException;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.InboxName;
import io.freshet.protocol.PostPlace;
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
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells users of posts that concern them, by a notice in each one's inbox, once. An agent on a thread of its own, which may block.
 *
 * <p>It works in rounds: posts up to where the index stands; then it waits until the index knows everything that was there by
 * then, so that settings acknowledged before a post count; then it finds whom they concern, and hands the notices on, each inbox at its own pace. A
 * round is kept as dealt with only once the index knows its notices and those of all before: whatever ends the process in between, the next looks at those
 * posts again, and passes over what is in the inboxes. When the index had to be built anew, what was dealt with is known no more, and posts that are older than {@link
 * #NEW_INDEX_AGE_US} are passed over.
 */
public final class Notifier implements Agent {
    private static final Logger LOG = LoggerFactory.getLogger(Notifier.class);

    /** Notices on their way, beyond which no further post is looked at; one post adds {@value EveryoneChoice#LIMIT}, as many for its roles, and some more. */
    private static final int WAITING_LIMIT = 4_096;

    /** Inboxes that are being written to. */
    private static final int WRITING_LIMIT = 256;

    /** Documents with posts of one shard that may wait to be looked at without its log being read from then on. */
    private static final int QUEUE_CAPACITY = 4_096;

    /** Rounds that may be under way; with more, what is new joins the last. */
    private static final int ROUND_COUNT = 64;

    /** How often a post is looked at that makes the look fail. */
    private static final int ATTEMPTS = 8;

    /** Notices that have not got on for so long, while others have, make room when there is none. */
    static final long STUCK_NS = TimeUnit.MINUTES.toNanos(1);

    static final long NEW_INDEX_AGE_US = TimeUnit.MINUTES.toMicros(1);

    private enum Step {
        LOOK,
        SETTLE,
        NOTIFY
    }

    private final Storage storage;
    private final NoticePublisher publisher;
    private final NanoClock clock;
    private final EpochMicroClock wallClock;
    private final Audience audience;
    private final List<NotificationSink> sinks;
    private final long unreadForNs;
    private final Counters<NoticeCounter> counters = new Counters<>(NoticeCounter.class);
    private final List<InboxFollower> followers = new ArrayList<>();
    private final List<PostQueue> queues = new ArrayList<>();
    private final List<ShardPosts> shards = new ArrayList<>();
    private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();
    private final Invitations invitations = new Invitations();
    private final WrittenNotices written;
    private final Sightings sightings;
    private final Map<Long, Lane> lanes = new LinkedHashMap<>();
    private final NewInboxes newInboxes = new NewInboxes();
    private final ArrayDeque<Round> rounds = new ArrayDeque<>();
    private final List<Found> found = new ArrayList<>();
    private final Backoff lookAgain = new Backoff();
    private @Nullable InboxReader inboxes;
    private @Nullable NoticeFinder finder;
    private @Nullable Pushes pushes;
    private Step step = Step.LOOK;
    private long[] barrier = {};
    private Round round = new Round();
    private int shard;
    private final ArrayDeque<StoredPost> posts = new ArrayDeque<>();
    private @Nullable CrowdChoice choice;
    private int failureCount;
    private int waitingCount;
    private int writingCount;
    private boolean isFrozen;
    /** When an inbox took notices last. */
    private long lastTakenNs;

    private record Found(long user, Notice notice) {}

    /**
     * Registers what must follow the storage's logs: before their indexes are brought up to date.
     *
     * @param unreadForNs how long a post stays unread before the sinks are told
     * @param wallClock the one that posts are stamped by
     */
    public Notifier(
            Storage storage,
            Audience audience,
            NoticePublisher publisher,
            List<NotificationSink> sinks,
            long unreadForNs,
            NanoClock clock,
            EpochMicroClock wallClock) {
        this.storage = storage;
        this.audience = audience;
        this.publisher = publisher;
        this.sinks = List.copyOf(sinks);
        this.unreadForNs = unreadForNs;
        this.clock = clock;
        this.wallClock = wallClock;
        lastTakenNs = clock.nanoTime();
        lookAgain.reset(lastTakenNs);
        written = new WrittenNotices(!sinks.isEmpty());
        sightings = new Sightings(audience, answers, clock, counters);
        for (int i = 0; i < storage.shardCount(); i++) {
            PostQueue queue = new PostQueue(QUEUE_CAPACITY);
            InboxFollower follower = new InboxFollower(
                    storage.channels()::name, queue, written, storage.log(i).lastPosition());
            queues.add(queue);
            followers.add(follower);
            storage.index(i).addFollower(follower);
        }
    }

    /** What it counts; the agent's thread writes it. */
    public Counters<NoticeCounter> counters() {
        return counters;
    }

    /**
     * Has a user told, if it wants to be, that somebody has invited it to a channel's room; a second or two later, and only if this process
     * lives until then, as rooms do. When too many wait, this one is counted as dropped and nobody is told. Any thread.
     */
    public void invite(long user, long channel, String channelName, long inviter, long nowUs) {
        invitations.add(user, channel, channelName, inviter, nowUs);
    }

    /** What the sinks have given up. Any thread. */
    public long droppedCount() {
        return sinks.stream().mapToLong(NotificationSink::droppedCount).sum();
    }

    @Override
    public void onStart() {
        InboxReader reader = new InboxReader(storage);
        inboxes = reader;
        finder = new NoticeFinder(reader, shards, counters);
        pushes = new Pushes(sinks, unreadForNs, reader, audience::isUndisturbed, counters);
        for (int i = 0; i < storage.shardCount(); i++) {
            long notBeforeUs = followers.get(i).isIndexNew() ? wallClock.microTime() - NEW_INDEX_AGE_US : 0;
            shards.add(new ShardPosts(
                    storage.log(i),
                    storage.index(i),
                    followers.get(i),
                    queues.get(i),
                    reader.progress(i),
                    notBeforeUs));
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
            case NOTIFY -> read();
        };
        count += sightings.doWork() + write();
        counters.set(NoticeCounter.WAITING, waitingCount);
        assert pushes != null;
        return count + pushes.doWork(written, clock.nanoTime());
    }

    private int look() {
        boolean isWorth = invitations.take(counters);
        for (ShardPosts each : shards) {
            isWorth |= each.look();
        }
        if (!isWorth) {
            if (rounds.isEmpty() && !isFrozen) {
                shards.forEach(each -> each.done(each.position()));
            }
            return 0;
        }
        if (rounds.size() < ROUND_COUNT) {
            rounds.addLast(new Round());
        }
        sightings.clear();
        round = rounds.getLast();
        round.positions = null;
        round.barrier = null;
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
        assert finder != null;
        for (Invitations.Invited each : invitations.drain()) {
            if (finder.wants(each.user(), each.notice())) {
                Lane lane = lane(each.user(), each.notice());
                if (lane != null) {
                    lane.add(each.notice(), round, null); // who invites may let in whom the policy does not
                }
            }
        }
        return 1;
    }

    /** Looks at posts while there is room for what comes of them. */
    private int read() {
        int count = 0;
        while (waitingCount < WAITING_LIMIT && shard < shards.size() && lookAgain.isDue(clock.nanoTime())) {
            StoredPost post = posts.peekFirst();
            if (post != null) {
                if (!isFound(post)) {
                    break;
                }
            } else {
                List<StoredPost> next = shards.get(shard).next();
                shard += next == null ? 1 : 0;
                posts.addAll(next == null ? List.of() : next);
            }
            count++;
        }
        if (shard == shards.size()) {
            round.positions = shards.stream().mapToLong(ShardPosts::position).toArray();
            step = Step.LOOK;
            count++;
        }
        return count;
    }

    /** The post is done with only once all is found that comes of it; one that makes this fail is given up in the end. False to go on with it later. */
    private boolean isFound(StoredPost post) {
        found.clear();
        try {
            assert finder != null && inboxes != null;
            PostPlace place = inboxes.place(post.channel());
            if (place != null && !InboxName.isOfInboxes(place.name())) {
                if (choice == null) {
                    choice = new CrowdChoice(inboxes, sightings, post, place, counters, clock.nanoTime());
                }
                Crowd crowd = choice.chosen(clock.nanoTime());
                if (crowd == null) {
                    return false;
                }
                finder.find(post, crowd, shard, place, (user, notice) -> found.add(new Found(user, notice)));
            }
        } catch (RuntimeException e) {
            if (++failureCount < ATTEMPTS) {
                lookAgain.postpone(clock.nanoTime());
                return false;
            }
            counters.add(NoticeCounter.FAILED, 1);
            LOG.warn("a post of channel {} is given up, since it cannot be found whom it concerns", post.channel(), e);
            found.clear();
        }
        posts.removeFirst();
        choice = null;
        failureCount = 0;
        lookAgain.reset(clock.nanoTime());
        for (Found each : found) {
            offer(each.user, each.notice);
        }
        return true;
    }

    private void offer(long user, Notice notice) {
        Lane lane = lane(user, notice);
        if (lane != null) {
            lane.add(notice, round, sightings.ask(user, notice.getChannelName()));
        }
    }

    /** Behind whose notices this one comes; null when its author has made too many inboxes. */
    private @Nullable Lane lane(long user, Notice notice) {
        long nowNs = clock.nanoTime();
        Lane lane = lanes.get(user);
        if (lane == null) {
            boolean isNew = storage.channels().find(InboxName.of(user)) == ChannelDirectory.NO_CHANNEL;
            if (isNew && !newInboxes.take(notice.getAuthor(), nowNs)) {
                counters.add(NoticeCounter.STRANGERS, 1);
                return null;
            }
            lane = new Lane(user, nowNs);
            lanes.put(user, lane);
        }
        waitingCount++;
        return lane;
    }

    /** Hands on what may be; lanes that are empty go. */
    private int write() {
        int count = 0;
        long nowNs = clock.nanoTime();
        for (Iterator<Lane> all = lanes.values().iterator(); all.hasNext() && writingCount < WRITING_LIMIT; ) {
            Lane lane = all.next();
            if (lane.isPublishing || !lane.backoff.isDue(nowNs)) {
                continue;
            }
            waitingCount -= lane.dropUnseen(counters);
            if (lane.count() == 0) {
                all.remove();
                count++;
                continue;
            }
            List<Notice> group = lane.group();
            if (!group.isEmpty()) {
                publish(lane, group);
                count++;
            } else if (waitingCount >= WAITING_LIMIT) {
                makeRoom(lane);
            }
        }
        return count;
    }

    /** Gives up what one inbox does not take, or nobody answers for, once it holds up the others. */
    private void makeRoom(Lane lane) {
        if (waitingCount >= WAITING_LIMIT && lastTakenNs - lane.stuckSinceNs > STUCK_NS) {
            giveUp(lane, lane.count(), "others wait behind them");
        }
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
        if (committedCount > 0) {
            lane.stuckSinceNs = nowNs;
            lastTakenNs = nowNs;
            lane.backoff.reset(nowNs);
        }
        if (refusal == null) {
            return;
        }
        counters.add(NoticeCounter.REFUSED, 1);
        if (refusal.isRetryable()) {
            lane.backoff.postpone(nowNs);
            makeRoom(lane);
        } else {
            isFrozen |= refusal.isOutcomeUnknown();
            giveUp(lane, group.size() - committedCount, "their inbox does not take them: " + refusal);
        }
    }

    /** When it is not known what was kept, all that is dealt with from now on counts only until the next start, which looks again. */
    private void giveUp(Lane lane, int count, String why) {
        lane.remove(count);
        waitingCount -= count;
        counters.add(NoticeCounter.DROPPED, count);
        LOG.warn("{} notices were given up: {}", count, why);
    }

    private int keepFinished() {
        int count = 0;
        for (Round first = rounds.peekFirst();
                first != null && first.positions != null && first.openCount == 0;
                first = rounds.peekFirst()) {
            if (first.barrier == null) {
                first.barrier = lastPositions();
            }
            if (!isIndexed(first.barrier)) {
                return count;
            }
            for (int i = 0; i < shards.size() && !isFrozen; i++) {
                shards.get(i).done(first.positions[i]);
            }
            rounds.removeFirst();
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
