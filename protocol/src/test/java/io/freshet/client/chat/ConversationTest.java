package io.freshet.client.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.freshet.client.Page;
import io.freshet.client.StoredRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** In whatever order records and pages come: the same as a fresh reader sees. */
final class ConversationTest {
    private static final long ME = 1;

    @Test
    void shouldSeeWhatAFreshReaderSeesWhateverComesWhen() {
        for (int seed = 0; seed < 1_500; seed++) {
            Run run = new Run(seed);
            try {
                run.run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + run.trace, e);
            }
        }
    }

    /** One reader of one random channel. */
    private static final class Run implements ConversationListener {
        private final SplittableRandom random;
        private final RandomChat chat;
        private final int windowCount;
        private final Conversation conversation;
        /** The reader as its listener: it starts anew with each history and follows every change. */
        private final Map<Long, ChatMessage> told = new java.util.TreeMap<>();

        private final List<Runnable> earlierPages = new ArrayList<>();
        private long next;
        /** Of what came up to there, the conversation was not told one by one. */
        private long hole;

        private final List<String> trace = new ArrayList<>();
        private long indexed;
        private long wipedUpTo;

        Run(int seed) {
            random = new SplittableRandom(seed);
            chat = new RandomChat(random);
            windowCount = random.nextBoolean() ? 1_000 : 1 + random.nextInt(12);
            conversation = new Conversation(ME, windowCount, this);
        }

        void run() {
            chat.say(random.nextInt(80));
            if (random.nextBoolean()) {
                next = 1; // from the channel's first record, without a page
                earlierPages.add(() -> {});
            } else {
                page(Math.max(1, chat.fold.head() - random.nextInt(30)), chat.fold.head(), upTo());
                next = conversation.position() + 1;
            }
            hole = Math.max(0, conversation.position());
            for (int step = 0; step < 40; step++) {
                step();
            }
            deliver(chat.fold.head() - next + 1);
            if (conversation.position() >= 0 && conversation.position() < chat.fold.head()) {
                conversation.gap(conversation.position() + 1, chat.fold.head() - conversation.position(), false);
            }
            assertEquals(chat.fold.head(), Math.max(0, conversation.position()));
            if (conversation.isCertain()) {
                List<ChatMessage> wrong = new ArrayList<>(conversation.messages());
                wrong.removeAll(chat.fold.messages(ME));
                assertEquals(List.of(), wrong);
            }
            page(1, chat.fold.head(), chat.fold.head());
            assertTrue(conversation.isCertain());
            assertEquals(newest(), conversation.messages());
            assertEquals(newest(), toldLast());
        }

        private void step() {
            boolean hasBegun = conversation.position() >= 0;
            stepOn();
            hole = hasBegun ? hole : Math.max(hole, conversation.position());
        }

        private void stepOn() {
            switch (random.nextInt(14)) {
                case 0, 1, 2, 3 -> chat.say(1 + random.nextInt(6));
                case 4, 5, 6 -> deliver(1 + random.nextInt(8));
                case 7, 8, 9 -> pageSomewhere();
                case 10 -> earlierPages.get(random.nextInt(earlierPages.size())).run();
                case 11 -> repeatSomething();
                case 12 -> gap();
                default -> rewind();
            }
        }

        private List<ChatMessage> newest() {
            List<ChatMessage> all = chat.fold.messages(ME);
            return all.subList(Math.max(0, all.size() - windowCount), all.size());
        }

        private List<ChatMessage> toldLast() {
            List<ChatMessage> all = List.copyOf(told.values());
            return all.subList(Math.max(0, all.size() - windowCount), all.size());
        }

        private void deliver(long count) {
            trace.add("records from " + next + ", " + count);
            for (long i = 0; i < count && next <= chat.fold.head(); i++) {
                conversation.record(chat.fold.log.get((int) next++ - 1));
            }
        }

        /** The index may lag, and what it once knew it does not forget. */
        private long upTo() {
            indexed = Math.max(indexed, chat.fold.head() - random.nextInt(12));
            return indexed;
        }

        private void pageSomewhere() {
            if (chat.fold.head() > 0) {
                long first = 1 + random.nextLong(chat.fold.head());
                page(first, Math.min(chat.fold.head(), first + random.nextInt(40)), upTo());
            }
        }

        /** In one piece, or in two of different moments. */
        private void page(long first, long last, long upTo) {
            wipedUpTo = Math.max(Math.max(hole, wipedUpTo), chat.fold.head() - random.nextInt(6));
            trace.add("page " + first + "-" + last + " at " + upTo + ", wiped up to " + wipedUpTo);
            List<Page> pages = new ArrayList<>();
            if (first < last && random.nextBoolean()) {
                long middle = first + random.nextLong(last - first);
                long later = Math.min(chat.fold.head(), upTo + random.nextInt(3));
                indexed = Math.max(indexed, later);
                pages.add(piece(first, middle, later));
                pages.add(piece(middle + 1, last, upTo));
            } else {
                pages.add(piece(first, last, upTo));
            }
            int asked = conversation.generation();
            boolean isTaken = conversation.history(pages, asked);
            assertTrue(isTaken || upTo < hole, "a page at " + upTo + " was refused");
            earlierPages.add(() -> conversation.history(pages, asked));
        }

        private Page piece(long first, long last, long upTo) {
            List<StoredRecord> records = first > last ? List.of() : chat.fold.page(first, last, wipedUpTo);
            return new Page(records, 0, chat.fold.views(first, last, upTo, wipedUpTo, ME), upTo);
        }

        private void repeatSomething() {
            if (next > 1) {
                conversation.record(chat.fold.log.get(random.nextInt((int) next - 1)));
            }
        }

        private void gap() {
            long count = chat.fold.head() - next + 1;
            if (count > 0 && random.nextInt(3) == 0) {
                long skipped = 1 + random.nextLong(count);
                hole = next + skipped - 1;
                earlierPages.clear();
                if (random.nextBoolean()) {
                    conversation.gap(next, skipped, false);
                }
                trace.add("gap from " + next + ", " + skipped);
                next += skipped;
                page(1, chat.fold.head(), chat.fold.head());
            }
        }

        private void rewind() {
            if (next > 1 && random.nextInt(3) == 0) {
                long validUpTo = random.nextLong(next);
                trace.add("rewind to " + validUpTo);
                chat.loseAbove(validUpTo);
                chat.say(random.nextInt(5));
                indexed = 0;
                wipedUpTo = 0;
                told.keySet().removeIf(sequence -> sequence > validUpTo);
                conversation.rewind(validUpTo);
                next = Math.min(next, validUpTo + 1);
                hole = Math.min(validUpTo, chat.fold.head());
                page(1, chat.fold.head(), chat.fold.head());
            }
        }

        @Override
        public void onMessage(ChatMessage message) {
            told.put(message.sequence(), message);
        }

        @Override
        public void onEdit(ChatMessage message) {
            told.put(message.sequence(), message);
        }

        @Override
        public void onDelete(ChatMessage message, long user) {
            assertTrue(user > 0);
            assertTrue(message.isDeleted());
            told.put(message.sequence(), message);
        }

        @Override
        public void onErase(ChatMessage message) {
            told.put(message.sequence(), message);
        }

        @Override
        public void onReaction(ChatMessage message, String reaction, long user, boolean isThere) {
            assertTrue(!isThere || message.reactions().containsKey(reaction));
            told.put(message.sequence(), message);
        }

        @Override
        public void onPin(ChatMessage message, long user, boolean isPinned) {
            assertEquals(isPinned, message.isPinned());
            told.put(message.sequence(), message);
        }

        @Override
        public void onHistory(List<ChatMessage> messages) {
            messages.forEach(message -> told.put(message.sequence(), message));
        }
    }

    @Test
    void shouldRefuseAPageThatIsOlderThanTheEventsThatItRemembers() {
        RandomChat chat = new RandomChat(new SplittableRandom(1));
        chat.say(40);
        Conversation conversation = new Conversation(ME, 10, new ConversationListener() {});
        chat.fold.log.forEach(conversation::record);
        long head = chat.fold.head();
        conversation.gap(head + 1, 1, false);

        assertFalse(conversation.history(List.of(new Page(chat.fold.log, 0, List.of(), head)), 0));
        assertFalse(conversation.isCertain());
        assertTrue(conversation.history(List.of(new Page(chat.fold.log, 0, List.of(), head + 1)), 0));
        assertTrue(conversation.isCertain());
    }
}
