package io.freshet.engine.room;

import io.freshet.engine.ChannelRight;
import io.freshet.engine.channel.ReservedNames;
import io.freshet.engine.service.Pushed;
import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ErrorCode;
import io.freshet.protocol.v1.RoomEndReason;
import io.freshet.protocol.v1.RoomJoined;
import io.freshet.protocol.v1.RoomUpdate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Who is in one room, and what its members were told of it. Owned by the thread of its {@link Rooms}.
 *
 * <p>What changes is told with the next {@link #tell}: one version, the same bytes for everybody. Who joins gets its answer then, so that it
 * begins with exactly the version that the others have. Who did not take an update gets the whole room later.
 */
final class Room {
    private static final int SILENCED_LIMIT = 1000;

    final long channel;
    private String name;
    private RoomSettings settings;
    private final Map<Long, Member> members = new LinkedHashMap<>();
    private final Map<Long, Invitation> invitations = new HashMap<>();
    private final Set<Long> silenced = new HashSet<>();
    private final List<Long> left = new ArrayList<>();
    private boolean hasOtherSettings;
    private long version;
    private long toldNs;
    private boolean isTold;

    /** Answers one that has joined. */
    @FunctionalInterface
    interface Welcome {
        void joined(Member member, CompletableFuture<RoomJoined> answer, RoomUpdate whole);
    }

    /** @param version of the last update of whatever room this channel had before, or a higher one */
    Room(long channel, String name, RoomSettings settings, long version) {
        this.channel = channel;
        this.name = name;
        this.settings = settings;
        this.version = version;
    }

    long version() {
        return version;
    }

    String name() {
        return name;
    }

    /** Whether the right to it is that of this channel: its own, or a thread's parent. */
    boolean isOf(long which) {
        return which == channel || (which != ChannelDirectory.NO_CHANNEL && which == ReservedNames.parentOf(name));
    }

    RoomSettings settings() {
        return settings;
    }

    /** Why those go for whom there is no place in what a room has become. */
    static RoomEndReason endOf(@Nullable RoomSettings settings) {
        return settings == null ? RoomEndReason.ROOM_END_REASON_CLOSED : RoomEndReason.ROOM_END_REASON_SMALLER;
    }

    /** Those who came last, when there are more than so many. */
    List<Member> beyond(int capacity) {
        List<Member> all = List.copyOf(members.values());
        return all.subList(Math.min(capacity, all.size()), all.size());
    }

    /** Takes over what the room is now called and allows; nobody has gone because of it. */
    void settle(String nextName, RoomSettings next) {
        name = nextName;
        if (!next.equals(settings)) {
            settings = next;
            hasOtherSettings = true;
            members.values().forEach(Member::withdraw);
        }
    }

    Collection<Member> members() {
        return members.values();
    }

    @Nullable
    Member ofSession(long session) {
        for (Member member : members.values()) {
            if (!member.isAway() && member.session().session() == session) {
                return member;
            }
        }
        return null;
    }

    /** The place that a session has, or has a ticket for. */
    @Nullable
    Member placeOf(Entry entry) {
        for (Member member : members.values()) {
            if (member.principal() == entry.session().principal().id() && member.hasTicket(entry.ticket())) {
                return member;
            }
        }
        return ofSession(entry.session().session());
    }

    /** The places that are given up for the one that is kept, or made: those of the same principal, if it says so. */
    List<Member> replacedBy(Entry entry, @Nullable Member kept) {
        if (!entry.replaces()) {
            return List.of();
        }
        long principal = entry.session().principal().id();
        return members.values().stream()
                .filter(member -> member != kept && member.principal() == principal)
                .toList();
    }

    /** @throws io.freshet.protocol.FreshetException when nobody else has this number */
    Member other(Member than, long peer) {
        Member other = members.get(peer);
        if (other == null || other == than) {
            throw Rooms.refused(ErrorCode.NO_SUCH_PEER, "no other member has this number");
        }
        return other;
    }

    int count() {
        return members.size();
    }

    boolean isEmpty() {
        return members.isEmpty() && invitations.isEmpty();
    }

    void add(Member member) {
        members.put(member.peer, member);
    }

    void remove(Member member) {
        members.remove(member.peer);
        if (member.isTold()) {
            left.add(member.peer);
        }
    }

    Map<Long, Invitation> invitations() {
        return invitations;
    }

    /** Takes from a principal the right to speak for as long as anybody is in the room, or gives it back; false when too many have lost it. */
    boolean silence(long principal, boolean isSilenced) {
        if (isSilenced && silenced.size() >= SILENCED_LIMIT && !silenced.contains(principal)) {
            return false;
        }
        if (isSilenced ? silenced.add(principal) : silenced.remove(principal)) {
            for (Member member : members.values()) {
                if (member.principal() == principal) {
                    member.withdraw();
                    member.isChanged = true;
                }
            }
        }
        return true;
    }

    /** What is left of these rights of a principal. */
    Set<ChannelRight> remaining(Set<ChannelRight> rights, long principal) {
        if (!silenced.contains(principal) || !rights.contains(ChannelRight.SPEAK)) {
            return rights;
        }
        Set<ChannelRight> remaining = EnumSet.copyOf(rights);
        remaining.remove(ChannelRight.SPEAK);
        return remaining;
    }

    /** Whether there is anything that somebody has not been told. */
    boolean hasNews() {
        if (hasOtherSettings || !left.isEmpty()) {
            return true;
        }
        for (Member member : members.values()) {
            if (member.isChanged || member.isBehind) {
                return true;
            }
        }
        return false;
    }

    /** Whether an update may be told again. */
    boolean isDue(long nowNs, long tickNs) {
        return !isTold || nowNs - toldNs >= tickNs;
    }

    /** Tells everybody what has changed, and who has joined, everything. */
    void tell(long nowNs, Welcome welcome) {
        boolean isNews = hasOtherSettings || !left.isEmpty();
        RoomUpdate.Builder news = head();
        for (Member member : members.values()) {
            if (member.isChanged) {
                isNews = true;
                news.addMembers(member.describe());
            }
        }
        Pushed update = null;
        if (isNews) {
            version++;
            update = Pushed.of(news.setVersion(version).addAllLeft(left).build());
            left.clear();
            hasOtherSettings = false;
        }
        toldNs = nowNs;
        isTold = true;
        RoomUpdate whole = null;
        for (Member member : List.copyOf(members.values())) {
            CompletableFuture<RoomJoined> answer = member.told();
            if (member.isAway()) {
                continue;
            }
            if (answer != null) {
                whole = whole == null ? whole() : whole;
                welcome.joined(member, answer, whole);
            } else if (member.isBehind) {
                whole = whole == null ? whole() : whole;
                member.isBehind = !member.session().push(whole);
            } else if (update != null) {
                member.isBehind = !member.session().push(update);
            }
        }
    }

    /** The room as it was told last. */
    RoomUpdate whole() {
        RoomUpdate.Builder whole = head().setVersion(version).setWhole(true);
        members.values().forEach(member -> whole.addMembers(member.describe()));
        return whole.build();
    }

    private RoomUpdate.Builder head() {
        return RoomUpdate.newBuilder()
                .setChannel(channel)
                .setCapacity(settings.capacity())
                .setVideo(settings.video())
                .setScreen(settings.screen());
    }
}
