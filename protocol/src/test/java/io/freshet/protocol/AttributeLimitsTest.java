package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.ChannelAttributes;
import io.freshet.protocol.v1.ChannelKind;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.LiveSettings;
import io.freshet.protocol.v1.RoomSettings;
import io.freshet.protocol.v1.ThreadParent;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Each field of a channel's attributes at its limit and beyond it. */
class AttributeLimitsTest {
    private static final ThreadParent PARENT =
            ThreadParent.newBuilder().setChannel(3).setPost(1).build();

    private static ChannelAttributes of(ChannelKind kind, UnaryOperator<ChannelAttributes.Builder> settings) {
        return settings.apply(ChannelAttributes.newBuilder().setKind(kind)).build();
    }

    private static void accepts(ChannelKind kind, UnaryOperator<ChannelAttributes.Builder> settings) {
        ChannelAttributes attributes = of(kind, settings);
        assertNull(AttributeLimits.violation(attributes), attributes::toString);
    }

    private static void refuses(ChannelKind kind, UnaryOperator<ChannelAttributes.Builder> settings) {
        ChannelAttributes attributes = of(kind, settings);
        assertNotNull(AttributeLimits.violation(attributes), attributes::toString);
    }

    @Test
    void shouldLimitTexts() {
        accepts(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all);
        accepts(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setTitle("é".repeat(100)));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setTitle("é".repeat(100) + "x"));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setTitle("a\nb"));
        accepts(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setTopic("a\n" + "x".repeat(1_022)));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setTopic("x".repeat(1_025)));
        accepts(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setSlowModeMs(21_600_000));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setSlowModeMs(21_600_001));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setSlowModeMs(-1));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setKindValue(77));
    }

    @Test
    void shouldLimitExtensions() {
        Extension.Builder longest =
                Extension.newBuilder().setType("t".repeat(127)).setData(ByteString.copyFrom(new byte[1_024]));
        accepts(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setExtension(longest));
        refuses(
                ChannelKind.CHANNEL_KIND_ORDINARY,
                all -> all.setExtension(longest.clone().setType("t".repeat(128))));
        refuses(
                ChannelKind.CHANNEL_KIND_ORDINARY,
                all -> all.setExtension(longest.clone().setType("")));
        refuses(
                ChannelKind.CHANNEL_KIND_ORDINARY,
                all -> all.setExtension(longest.clone().setData(ByteString.copyFrom(new byte[1_025]))));
    }

    @Test
    void shouldLetEachKindHaveWhatBelongsToIt() {
        accepts(ChannelKind.CHANNEL_KIND_THREAD, all -> all.setParent(PARENT));
        accepts(ChannelKind.CHANNEL_KIND_THREAD, all -> all.setParent(PARENT).addMembers(7));
        refuses(ChannelKind.CHANNEL_KIND_THREAD, all -> all);
        refuses(
                ChannelKind.CHANNEL_KIND_THREAD,
                all -> all.setParent(ThreadParent.newBuilder().setChannel(3)));
        refuses(
                ChannelKind.CHANNEL_KIND_THREAD,
                all -> all.setParent(ThreadParent.newBuilder().setPost(3)));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setParent(PARENT));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.addMembers(7));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setLive(LiveSettings.getDefaultInstance()));
        accepts(ChannelKind.CHANNEL_KIND_LIVE, all -> all);
        refuses(ChannelKind.CHANNEL_KIND_VOICE, all -> all);
    }

    @Test
    void shouldLimitMembers() {
        List<Long> fifty = LongStream.rangeClosed(1, 50).boxed().toList();
        accepts(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addAllMembers(fifty));
        accepts(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addMembers(7).addMembers(-1));
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addAllMembers(fifty).addMembers(51));
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all);
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addMembers(0));
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addMembers(7).addMembers(7));
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.addMembers(8).addMembers(7));
    }

    @Test
    void shouldLimitLiveSettings() {
        List<String> sixteen = IntStream.range(0, 16).mapToObj(i -> "c" + i).toList();
        live(true, live -> live.setSampleRate(1_000).addAllCounters(sixteen));
        live(true, live -> live.addCounters("c".repeat(32)));
        live(false, live -> live.setSampleRate(1_001));
        live(false, live -> live.setSampleRate(-1));
        live(false, live -> live.addAllCounters(sixteen).addCounters("more"));
        live(false, live -> live.addCounters("c".repeat(33)));
        live(false, live -> live.addCounters(""));
        live(false, live -> live.addCounters("a\u0007"));
        live(false, live -> live.addCounters("a").addCounters("a"));
    }

    private static void live(boolean isLegal, UnaryOperator<LiveSettings.Builder> settings) {
        LiveSettings.Builder live = settings.apply(LiveSettings.newBuilder());
        if (isLegal) {
            accepts(ChannelKind.CHANNEL_KIND_LIVE, all -> all.setLive(live));
        } else {
            refuses(ChannelKind.CHANNEL_KIND_LIVE, all -> all.setLive(live));
        }
    }

    @Test
    void shouldLimitRooms() {
        accepts(
                ChannelKind.CHANNEL_KIND_VOICE,
                all -> all.setRoom(RoomSettings.newBuilder().setCapacity(1)));
        accepts(
                ChannelKind.CHANNEL_KIND_ORDINARY,
                all -> all.setRoom(RoomSettings.newBuilder().setCapacity(100)));
        refuses(ChannelKind.CHANNEL_KIND_VOICE, all -> all.setRoom(RoomSettings.newBuilder()));
        refuses(
                ChannelKind.CHANNEL_KIND_VOICE,
                all -> all.setRoom(RoomSettings.newBuilder().setCapacity(101)));
    }

    @Test
    void shouldLeaveNothingOfWhatIsDeleted() {
        accepts(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.setDeleted(true));
        accepts(
                ChannelKind.CHANNEL_KIND_THREAD,
                all -> all.setDeleted(true).setParent(PARENT).setReplaces(4).setChangedBy(7));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setDeleted(true).setTitle("a"));
        refuses(ChannelKind.CHANNEL_KIND_ORDINARY, all -> all.setDeleted(true).setArchived(true));
        refuses(ChannelKind.CHANNEL_KIND_DIRECT, all -> all.setDeleted(true).addMembers(7));
        refuses(
                ChannelKind.CHANNEL_KIND_VOICE,
                all -> all.setDeleted(true).setRoom(RoomSettings.newBuilder().setCapacity(1)));
    }
}
