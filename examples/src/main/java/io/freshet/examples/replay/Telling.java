package io.freshet.examples.replay;

import io.freshet.client.Channel;
import io.freshet.client.FreshetClient;
import io.freshet.client.Receipt;
import io.freshet.client.chat.ChatChannel;
import io.freshet.client.chat.Draft;
import io.freshet.examples.chat.Nicknames;
import io.freshet.examples.input.IrcLine;
import io.freshet.examples.input.ReplyLinks;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a line of a log becomes something in a channel. On the player's thread. */
public abstract class Telling {
    /** Publishes what stands in line {@code index}, said by this client. */
    abstract CompletionStage<Receipt> tell(FreshetClient client, String channelName, int index, IrcLine line)
            throws InterruptedException, ExecutionException;

    /** Hears of a line before it is told, so that whoever comes or goes in it does. */
    void attend(Speakers speakers, String channelName, IrcLine line) {}

    /** Each line is a message of the application, byte for byte. */
    public static Telling asBytes() {
        return new Telling() {
            @Override
            CompletionStage<Receipt> tell(FreshetClient client, String channelName, int index, IrcLine line) {
                Channel channel = client.channel(channelName);
                return channel.publish(line.bytes());
            }
        };
    }

    /** Each line is a post: what it answers is a reply, and {@code nick:} at its beginning a mention of whom has spoken before. */
    public static Telling asPosts(ReplyLinks links) {
        return new Posts(links);
    }

    private static final class Posts extends Telling {
        private static final Pattern ADDRESSED = Pattern.compile("^([^\\s:,]+)[:,]\\s");

        private final ReplyLinks links;
        private final Map<Integer, CompletableFuture<Receipt>> receipts = new HashMap<>();
        private final Map<String, Long> users = new HashMap<>();
        private final Attendance attendance = new Attendance();

        Posts(ReplyLinks links) {
            this.links = links;
        }

        @Override
        void attend(Speakers speakers, String channelName, IrcLine line) {
            attendance.hear(speakers, channelName, line);
        }

        @Override
        CompletionStage<Receipt> tell(FreshetClient client, String channelName, int index, IrcLine line)
                throws InterruptedException, ExecutionException {
            ChatChannel channel = client.chat(channelName);
            users.put(line.speaker(), client.principal());
            Draft draft = Draft.of(line.text())
                    .extension(Nicknames.EXTENSION, line.speaker().getBytes(StandardCharsets.UTF_8));
            CompletableFuture<Receipt> answered = receipts.get(links.answeredBy(index));
            if (answered != null) {
                draft.replyTo(answered.get().sequence());
            }
            Matcher addressed = ADDRESSED.matcher(line.text());
            Long user = addressed.find() ? users.get(addressed.group(1)) : null;
            if (user != null) {
                draft.mention(user);
            }
            CompletableFuture<Receipt> receipt = channel.send(draft).toCompletableFuture();
            receipts.put(index, receipt);
            return receipt;
        }
    }
}
