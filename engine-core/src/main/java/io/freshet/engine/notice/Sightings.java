package io.freshet.engine.notice;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Asks whether users may see channels, each question once a round and only so many at a time. Belongs to the notifier's thread;
 * answers come from any.
 */
final class Sightings {
    /** Questions under way. */
    private static final int ASKED_COUNT = 64;

    private record Question(long user, String channel) {}

    private static final class Asked {
        final List<Lane.Item> items = new ArrayList<>();

        @Nullable
        Boolean answer;
    }

    private final Audience audience;
    private final Queue<Runnable> answers;
    private final Map<Question, Asked> asked = new HashMap<>();
    private final ArrayDeque<Question> waiting = new ArrayDeque<>();
    private int underWay;

    /** @param answers of any thread, run on the notifier's */
    Sightings(Audience audience, Queue<Runnable> answers) {
        this.audience = audience;
        this.answers = answers;
    }

    /** Has the item told whether its user may see its channel, now or later. */
    void ask(long user, Lane.Item item) {
        Question question = new Question(user, item.notice.getChannelName());
        Asked known = asked.get(question);
        if (known == null) {
            known = new Asked();
            asked.put(question, known);
            waiting.addLast(question);
        }
        if (known.answer != null) {
            item.isSeen = known.answer;
        } else {
            known.items.add(item);
        }
    }

    /** Asks what may be asked now; returns how many that were. */
    int doWork() {
        int count = 0;
        while (underWay < ASKED_COUNT && !waiting.isEmpty()) {
            Question question = waiting.removeFirst();
            underWay++;
            count++;
            audience.maySee(question.user, question.channel)
                    .whenComplete((isSeen, failure) ->
                            answers.add(() -> onAnswer(question, failure == null && Boolean.TRUE.equals(isSeen))));
        }
        return count;
    }

    private void onAnswer(Question question, boolean isSeen) {
        underWay--;
        Asked known = asked.get(question);
        if (known != null) {
            known.answer = isSeen;
            known.items.forEach(item -> item.isSeen = isSeen);
            known.items.clear();
        }
    }

    /** The round is over: what was answered may be otherwise in the next. */
    void clear() {
        asked.clear();
    }
}
