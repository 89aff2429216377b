package io.freshet.engine.notice;

import io.freshet.engine.metrics.Counters;
import io.freshet.engine.metrics.NoticeCounter;
import io.freshet.protocol.NotificationRule;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Mention;
import io.freshet.protocol.v1.Notice;
import io.freshet.protocol.v1.NoticeSource;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds whom a post concerns, by what it says and by what its users have set. Belongs to the notifier's thread.
 *
 * <p>One user hears of one post once, for the first reason that the user's settings let through: by name, as the author of what is
 * answered, as a member, as one of everyone. The author never does, and nobody hears of a silent post.
 */
final class NoticeFinder {
    private static final List<Notice.Reason> PRECEDENCE = List.of(
            Notice.Reason.REASON_MENTION,
            Notice.Reason.REASON_REPLY,
            Notice.Reason.REASON_DIRECT,
            Notice.Reason.REASON_EVERYONE);

    private final InboxReader inboxes;
    private final Counters<NoticeCounter> counters;
    private final Map<Long, Set<Notice.Reason>> reasons = new LinkedHashMap<>();

    NoticeFinder(InboxReader inboxes, Counters<NoticeCounter> counters) {
        this.inboxes = inboxes;
        this.counters = counters;
    }

    /** Receives what is found. */
    @FunctionalInterface
    interface Found {
        void onNotice(long user, Notice notice);
    }

    /** Whether the user's settings let this invitation through. */
    boolean wants(long user, Notice invitation) {
        boolean isWanted = NotificationRule.notifies(
                inboxes.wishes(user).settings(),
                invitation.getReason(),
                invitation.getChannel(),
                invitation.getChannelName(),
                invitation.getPostedUs());
        if (!isWanted) {
            counters.add(NoticeCounter.UNWANTED, 1);
        }
        return isWanted;
    }

    /**
     * Hands on a notice for everybody who is to hear of the post and has not.
     *
     * @param everyone who hears of it because it names everyone
     */
    void find(StoredPost post, List<Long> everyone, ShardPosts shard, int shardIndex, String channelName, Found found) {
        Content content = post.content();
        if (content.getSilent()) {
            return;
        }
        reasons.clear();
        for (Mention mention : content.getMentionsList()) {
            if (mention.hasUser()) {
                add(mention.getUser(), Notice.Reason.REASON_MENTION);
            }
        }
        if (content.getReplyTo() != 0) {
            add(shard.author(post.channel(), content.getReplyTo()), Notice.Reason.REASON_REPLY);
        }
        for (long member : inboxes.members(post.channel())) {
            add(member, Notice.Reason.REASON_DIRECT);
        }
        for (long user : everyone) {
            add(user, Notice.Reason.REASON_EVERYONE);
        }
        reasons.remove(post.author());
        reasons.remove(0L);
        if (reasons.isEmpty()) {
            return;
        }
        Notice.Builder notice = Notice.newBuilder()
                .setChannel(post.channel())
                .setSequence(post.sequence())
                .setAuthor(post.author())
                .setPostedUs(post.postedUs())
                .setChannelName(channelName)
                .setSource(NoticeSource.newBuilder()
                        .setShard(shardIndex)
                        .setPosition(post.position())
                        .setIndex(post.index()));
        reasons.forEach((user, why) -> offer(user, why, post, notice, found));
    }

    private void offer(long user, Set<Notice.Reason> why, StoredPost post, Notice.Builder notice, Found found) {
        Inbox inbox = inboxes.wishes(user);
        if (inbox.isBehind(notice.getSource())) {
            counters.add(NoticeCounter.REPEATED, 1);
            return;
        }
        for (Notice.Reason reason : PRECEDENCE) {
            if (why.contains(reason)
                    && NotificationRule.notifies(
                            inbox.settings(), reason, post.channel(), notice.getChannelName(), post.postedUs())) {
                found.onNotice(user, notice.setReason(reason).build());
                return;
            }
        }
        counters.add(NoticeCounter.UNWANTED, 1);
    }

    private void add(long user, Notice.Reason reason) {
        reasons.computeIfAbsent(user, key -> EnumSet.noneOf(Notice.Reason.class))
                .add(reason);
    }
}
