package io.freshet.engine.reactor;

import io.freshet.engine.mailbox.ReactorProxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** One question to every reactor, and their answers, without ever waiting. Owned by whoever asks; answered on the reactors. */
final class Round {
    private final List<Member> members;
    private final Predicate<Reactor> question;
    private final AtomicInteger answeredCount = new AtomicInteger();
    private final AtomicInteger yesCount = new AtomicInteger();
    private int sentCount;

    /** A reactor and the way to it. */
    record Member(Reactor reactor, ReactorProxy proxy) {}

    Round(List<Member> members, Predicate<Reactor> question) {
        this.members = members;
        this.question = question;
    }

    /** Asks whom there was no room for until now; whether all have answered. */
    boolean isAnswered() {
        while (sentCount < members.size()) {
            Member next = members.get(sentCount);
            if (!next.proxy().offerControl(() -> ask(next))) {
                return false;
            }
            sentCount++;
        }
        return answeredCount.get() == members.size();
    }

    private void ask(Member member) {
        if (question.test(member.reactor())) {
            yesCount.incrementAndGet();
        }
        answeredCount.incrementAndGet();
    }

    /** Whether all have answered with yes. */
    boolean isYes() {
        return yesCount.get() == members.size();
    }
}
