package io.freshet.benchmarks.baseline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.freshet.benchmarks.baseline.RawClient.Frame;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BaselineServerTest {
    private static final SocketSettings SETTINGS =
            new SocketSettings(32 * 1024, 1, 128, 64 * 1024, 128 * 1024, ByteBufAllocator.DEFAULT);
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    /** The servers that fan out. */
    enum FanOut {
        NAIVE {
            @Override
            BaselineServer start() throws IOException {
                return BaselineServer.naive(ANY_PORT, SETTINGS);
            }
        },
        FLOOR {
            @Override
            BaselineServer start() throws IOException {
                return BaselineServer.floor(ANY_PORT, SETTINGS, null);
            }
        };

        abstract BaselineServer start() throws IOException;
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveEveryMessageToEveryReaderInOrder(FanOut kind) throws IOException {
        int messageCount = 5_000;
        try (BaselineServer server = kind.start();
                RawClient first = new RawClient(server.address());
                RawClient second = new RawClient(server.address());
                RawClient publisher = new RawClient(server.address())) {
            first.subscribe(7);
            second.subscribe(65_535);
            second.subscribe(7);
            publisher.send(messages(messageCount, 7));
            for (RawClient reader : new RawClient[] {first, second}) {
                for (int i = 0; i < messageCount; i++) {
                    assertMessage(i, 7, reader.next());
                }
            }
        }
    }

    @Test
    void shouldLimitWhatTheKernelKeepsUnsentAsTheEngineDoes() throws IOException {
        assumeTrue(Epoll.isAvailable(), "only epoll's sockets can be told");
        EpollSocketChannel socket = new EpollSocketChannel();
        try {
            BaselineServer.limitUnsent(socket, SETTINGS);
            assertEquals(SETTINGS.unsentMarkLength(), socket.config().getTcpNotSentLowAt());
        } finally {
            socket.unsafe().closeForcibly();
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldKeepChannelsApart(FanOut kind) throws IOException {
        try (BaselineServer server = kind.start();
                RawClient first = new RawClient(server.address());
                RawClient second = new RawClient(server.address());
                RawClient publisher = new RawClient(server.address())) {
            first.subscribe(1);
            second.subscribe(2);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (int i = 0; i < 12; i++) {
                bytes.writeBytes(message(i, 1 + i / 2 % 2));
            }
            bytes.writeBytes(message(12, 3));
            publisher.send(bytes.toByteArray());
            for (int i = 0; i < 12; i++) {
                int channel = 1 + i / 2 % 2;
                assertMessage(i, channel, (channel == 1 ? first : second).next());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldJoinAFrameThatIsSplitOverReads(FanOut kind) throws IOException {
        try (BaselineServer server = kind.start();
                RawClient client = new RawClient(server.address())) {
            client.subscribe(4);
            byte[] bytes = messages(3, 4);
            for (int split = 1; split < bytes.length; split++) {
                client.send(Arrays.copyOfRange(bytes, 0, split));
                // An answer to what was sent before shows that it has been read by itself.
                int wholeCount = split / (bytes.length / 3);
                for (int i = 0; i < wholeCount; i++) {
                    assertMessage(i, 4, client.next());
                }
                client.send(Arrays.copyOfRange(bytes, split, bytes.length));
                for (int i = wholeCount; i < 3; i++) {
                    assertMessage(i, 4, client.next());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCloseAConnectionWithAnImpossibleLength(FanOut kind) throws IOException {
        try (BaselineServer server = kind.start()) {
            for (int lengthValue : new int[] {-1, 0, 2, RawFrame.MAX_LENGTH_VALUE + 1}) {
                try (RawClient client = new RawClient(server.address())) {
                    byte[] frame = RawClient.frame(RawFrame.MESSAGE, 1);
                    ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN).putInt(0, lengthValue);
                    client.send(frame);
                    assertTrue(client.awaitEnd(), "length " + lengthValue);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldGoOnWhenAReaderHasLeft(FanOut kind) throws IOException {
        try (BaselineServer server = kind.start();
                RawClient stays = new RawClient(server.address())) {
            stays.subscribe(1);
            try (RawClient leaves = new RawClient(server.address())) {
                leaves.subscribe(1);
            }
            stays.send(messages(100, 1));
            for (int i = 0; i < 100; i++) {
                assertMessage(i, 1, stays.next());
            }
        }
    }

    @Test
    void shouldStreamAFileAsOftenAsAsked() throws IOException {
        Path file = Files.write(directory.resolve("frames"), messages(10, 9));
        try (BaselineServer server = BaselineServer.floor(ANY_PORT, SETTINGS, file);
                RawClient client = new RawClient(server.address())) {
            client.send(RawClient.frame(RawFrame.STREAM, 9, RawClient.number(25)));
            for (int i = 0; i < 25; i++) {
                assertMessage(i % 10, 9, client.next());
            }
        }
    }

    @Test
    void shouldCloseWhenThereIsNothingToStream() throws IOException {
        try (BaselineServer server = BaselineServer.floor(ANY_PORT, SETTINGS, null);
                RawClient client = new RawClient(server.address())) {
            client.send(RawClient.frame(RawFrame.STREAM, 9, RawClient.number(1)));
            assertTrue(client.awaitEnd());
        }
    }

    @Test
    void shouldRefuseAFileThatIsNotOfWholeFrames() throws IOException {
        Path file = directory.resolve("frames");
        byte[] whole = messages(2, 1);
        assertRefused(file, new byte[3], "holds no frame");
        assertRefused(file, new byte[100], "does not begin with a message frame");
        assertRefused(file, Arrays.copyOf(whole, whole.length - 1), "29 bytes are not whole frames of 15 bytes");
    }

    private static void assertRefused(Path file, byte[] bytes, String problem) throws IOException {
        Files.write(file, bytes);
        IOException failure = assertThrows(IOException.class, () -> BaselineServer.floor(ANY_PORT, SETTINGS, file));
        assertEquals(file + ": " + problem, failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldAcknowledgeWhatIsInTheLog(boolean isEachSynced) throws IOException {
        int messageCount = isEachSynced ? 50 : 5_000;
        try (BaselineServer server = BaselineServer.appendFloor(ANY_PORT, SETTINGS, directory, isEachSynced);
                RawClient first = new RawClient(server.address());
                RawClient second = new RawClient(server.address())) {
            first.send(messages(messageCount, 3));
            second.send(messages(1, 5));
            assertEquals(1, second.next().number());
            long acknowledgedCount = 0;
            int ackCount = 0;
            while (acknowledgedCount < messageCount) {
                Frame ack = first.next();
                assertEquals(RawFrame.ACK, ack.type());
                assertEquals(3, ack.channel());
                assertTrue(ack.number() > acknowledgedCount, ack::toString);
                acknowledgedCount = ack.number();
                ackCount++;
            }
            assertEquals(messageCount, acknowledgedCount);
            assertTrue(isEachSynced ? ackCount == messageCount : ackCount < messageCount, () -> "acknowledgements");
        }
        assertEquals(messageCount + 1, AppendedMessages.count(directory));
    }

    @Test
    void shouldSayWhyItCannotListen() throws IOException {
        try (BaselineServer server = BaselineServer.naive(ANY_PORT, SETTINGS)) {
            IOException failure =
                    assertThrows(IOException.class, () -> BaselineServer.naive(server.address(), SETTINGS));
            assertTrue(String.valueOf(failure.getMessage()).startsWith("cannot listen on "), failure::toString);
        }
    }

    private static byte[] message(int number, int channel) {
        return RawClient.frame(RawFrame.MESSAGE, channel, RawClient.number(number));
    }

    private static byte[] messages(int count, int channel) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            bytes.writeBytes(message(i, channel));
        }
        return bytes.toByteArray();
    }

    private static void assertMessage(int number, int channel, Frame frame) {
        assertEquals(RawFrame.MESSAGE, frame.type());
        assertEquals(channel, frame.channel());
        assertEquals(number, frame.number());
    }
}
