package io.freshet.client.chat;

import io.freshet.client.SignalHandler;
import io.freshet.client.SignalState;
import java.util.List;

/** Tells a listener who else is writing, when that changes. Client's thread. */
final class TypingFeed implements SignalHandler {
    private final long user;
    private final ConversationListener listener;
    private List<Long> told = List.of();
    private int toldCount;

    /** @param user who is left out */
    TypingFeed(long user, ConversationListener listener) {
        this.user = user;
        this.listener = listener;
    }

    @Override
    public void onState(SignalState state) {
        List<Long> others =
                state.typists().stream().filter(each -> each != user).toList();
        int count = state.typistCount() - (state.typists().size() - others.size());
        if (count != toldCount || !others.equals(told)) {
            told = others;
            toldCount = count;
            listener.onTyping(others, count);
        }
    }
}
