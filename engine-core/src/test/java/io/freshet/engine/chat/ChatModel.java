package io.freshet.engine.chat;

import io.freshet.protocol.EventKind;
import io.freshet.protocol.v1.PostView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One channel as plain collections: every event ever admitted, and what anybody may ask of it, folded anew at each question. */
final class ChatModel {
    static final int USER_COUNT = 7;

    /** An event as it was admitted; a post has no target, and whom it mentions. */
    record Event(ChatEvent event, List<Long> users, List<Long> roles, boolean isEveryone, boolean isSilent) {}

    /** What became of a post. */
    static final class Fold {
        long author;
        long timeUs;
        boolean isDeleted;
        long editedUs;
        boolean isPinned;
        final TreeSet<Long> edits = new TreeSet<>();
        final Map<String, Set<Long>> reactions = new TreeMap<>();

        boolean isTouched() {
            return isDeleted || !edits.isEmpty() || pinEventCount > 0 || reactionEventCount > 0;
        }

        /** Who has this reaction. */
        Set<Long> users(String name) {
            return reactions.getOrDefault(name, Set.of());
        }

        int pinEventCount;
        int reactionEventCount;

        /** What one user is told of it; without the edit. */
        PostView view(long sequence, long viewer) {
            PostView.Builder view = PostView.newBuilder()
                    .setSequence(sequence)
                    .setEditedUs(isDeleted ? 0 : editedUs)
                    .setDeleted(isDeleted)
                    .setPinned(isPinned);
            counts().forEach((name, count) -> view.addReactions(PostView.ReactionCount.newBuilder()
                    .setReaction(name)
                    .setCount(count)
                    .setOwn(users(name).contains(viewer))));
            return view.build();
        }

        Map<String, Integer> counts() {
            Map<String, Integer> counts = new TreeMap<>();
            reactions.forEach((name, users) -> {
                if (!users.isEmpty()) {
                    counts.put(name, users.size());
                }
            });
            return counts;
        }
    }

    final List<Event> events = new ArrayList<>();

    long head() {
        return events.size();
    }

    /** The posts from {@code first} on as they are after the events up to {@code upTo}. */
    NavigableMap<Long, Fold> posts(long first, long upTo) {
        TreeMap<Long, Fold> posts = new TreeMap<>();
        for (Event each : events.subList(0, (int) upTo)) {
            ChatEvent event = each.event;
            if (event.kind() == EventKind.POST) {
                Fold post = new Fold();
                post.author = event.sender();
                post.timeUs = event.timestampUs();
                posts.put(event.sequence(), post);
            } else if (posts.containsKey(event.target())) {
                fold(posts.get(event.target()), event);
            }
        }
        return new TreeMap<>(posts.tailMap(first));
    }

    private static void fold(Fold post, ChatEvent event) {
        switch (event.kind()) {
            case EDIT -> {
                post.edits.add(event.sequence());
                post.editedUs = event.timestampUs();
            }
            case DELETE -> {
                post.isDeleted = true;
                post.isPinned = false;
                post.reactions.clear();
            }
            case REACT -> {
                post.reactionEventCount++;
                post.reactions
                        .computeIfAbsent(event.reaction(), name -> new TreeSet<>())
                        .add(event.sender());
            }
            case UNREACT -> {
                post.reactionEventCount++;
                post.reactions.getOrDefault(event.reaction(), new TreeSet<>()).remove(event.sender());
            }
            case PIN, UNPIN -> {
                post.pinEventCount++;
                post.isPinned = event.kind() == EventKind.PIN;
            }
            default -> throw new AssertionError(event);
        }
    }

    long unread(long first, long upTo, long after) {
        return posts(first, upTo).tailMap(after, false).values().stream()
                .filter(post -> !post.isDeleted)
                .count();
    }

    /** Of the last posts that mention each, whether deleted or not, those that are there and not read. */
    long mentions(long first, long upTo, long after, long user, long role) {
        NavigableMap<Long, Fold> posts = posts(first, upTo);
        return posts.tailMap(after, false).entrySet().stream()
                .filter(post -> !post.getValue().isDeleted)
                .filter(post -> {
                    Event event = events.get((int) (post.getKey() - 1));
                    return !event.isSilent
                            && (event.isEveryone || event.users.contains(user) || event.roles.contains(role));
                })
                .count();
    }

    /** Who wrote last, the latest first. */
    List<Long> writers(long first, long upTo) {
        Map<Long, Long> last = new LinkedHashMap<>();
        posts(first, upTo).forEach((sequence, post) -> last.put(post.author, sequence));
        return last.entrySet().stream()
                .sorted(Map.Entry.<Long, Long>comparingByValue(Comparator.reverseOrder()))
                .limit(ChannelSummary.WRITER_LIMIT)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The next event: one that a shard would admit. */
    Event next(Random random, long first, long timeUs) {
        long sequence = head() + 1;
        long sender = 1L + random.nextInt(USER_COUNT);
        NavigableMap<Long, Fold> posts = posts(first, head());
        posts.values().removeIf(post -> post.isDeleted);
        if (posts.size() < 3 || random.nextInt(3) == 0) {
            Event post = post(random, sequence, timeUs, sender);
            events.add(post);
            return post;
        }
        List<Long> sequences = new ArrayList<>(posts.descendingKeySet());
        long target = sequences.get((int) (sequences.size() * Math.pow(random.nextDouble(), 3)));
        ChatEvent event = command(random, sequence, timeUs, sender, target, Objects.requireNonNull(posts.get(target)));
        Event admitted = new Event(event, List.of(), List.of(), false, false);
        events.add(admitted);
        return admitted;
    }

    private static Event post(Random random, long sequence, long timeUs, long sender) {
        List<Long> users = new ArrayList<>();
        List<Long> roles = new ArrayList<>();
        while (random.nextInt(4) == 0) {
            users.add(1L + random.nextInt(USER_COUNT));
        }
        if (random.nextInt(8) == 0) {
            roles.add(1L + random.nextInt(3));
        }
        ChatEvent event = new ChatEvent(EventKind.POST, sequence, timeUs, sender, 0, "");
        return new Event(event, users, roles, random.nextInt(16) == 0, random.nextInt(10) == 0);
    }

    private static ChatEvent command(Random random, long sequence, long timeUs, long sender, long target, Fold post) {
        int which = random.nextInt(20);
        EventKind kind;
        String reaction = "";
        if (which < 4) {
            kind = EventKind.EDIT;
        } else if (which < 6) {
            kind = EventKind.DELETE;
        } else if (which < 9) {
            kind = post.isPinned ? EventKind.UNPIN : EventKind.PIN;
        } else {
            reaction = "r" + random.nextInt(5);
            boolean isThere = post.users(reaction).contains(sender);
            kind = isThere ? EventKind.UNREACT : EventKind.REACT;
        }
        return new ChatEvent(kind, sequence, timeUs, sender, target, reaction);
    }
}
