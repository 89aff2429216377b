package io.freshet.engine.room;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/** Asks a TURN server for a relayed address, with a long-term credential (RFC 8489 and 8656), over UDP. */
final class TurnAllocation {
    private static final int ALLOCATE = 0x0003;
    private static final int SUCCESS = 0x0103;
    private static final int MAGIC_COOKIE = 0x2112A442;
    private static final int HEADER_LENGTH = 20;
    private static final int USERNAME = 0x0006;
    private static final int MESSAGE_INTEGRITY = 0x0008;
    private static final int INTEGRITY_LENGTH = 24;
    private static final int ERROR_CODE = 0x0009;
    private static final int REALM = 0x0014;
    private static final int NONCE = 0x0015;
    private static final int RELAYED_ADDRESS = 0x0016;
    private static final int REQUESTED_TRANSPORT = 0x0019;
    private static final byte[] UDP = {17, 0, 0, 0};
    private static final int ATTEMPTS = 20;
    private static final int WAIT_MS = 250;

    private record Answer(int type, Map<Integer, byte[]> attributes) {
        byte[] attribute(int type) {
            return Objects.requireNonNull(attributes.get(type));
        }

        /** Of an error. */
        int code() {
            byte[] value = attribute(ERROR_CODE);
            return value[2] * 100 + value[3];
        }
    }

    private TurnAllocation() {}

    /**
     * Returns 0 when the server has given an address, or the code of its error.
     *
     * @throws java.net.PortUnreachableException when nobody listens
     */
    static int allocate(InetSocketAddress server, String username, String password)
            throws IOException, GeneralSecurityException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server);
            socket.setSoTimeout(WAIT_MS);
            ByteBuffer first = request(1);
            put(first, REQUESTED_TRANSPORT, UDP);
            Answer challenge = exchange(socket, finished(first, null));
            ByteBuffer second = request(2);
            put(second, REQUESTED_TRANSPORT, UDP);
            put(second, USERNAME, username.getBytes(UTF_8));
            put(second, REALM, challenge.attribute(REALM));
            put(second, NONCE, challenge.attribute(NONCE));
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update((username + ":").getBytes(UTF_8));
            digest.update(challenge.attribute(REALM));
            byte[] key = digest.digest((":" + password).getBytes(UTF_8));
            Answer answer = exchange(socket, finished(second, key));
            if (answer.type == SUCCESS && answer.attribute(RELAYED_ADDRESS).length > 0) {
                return 0;
            }
            return answer.code();
        }
    }

    private static ByteBuffer request(int transaction) {
        return ByteBuffer.allocate(1024)
                .putShort((short) ALLOCATE)
                .putShort((short) 0)
                .putInt(MAGIC_COOKIE)
                .putLong(0)
                .putInt(transaction);
    }

    private static void put(ByteBuffer message, int type, byte[] value) {
        message.putShort((short) type).putShort((short) value.length).put(value);
        message.position((message.position() + 3) & ~3);
    }

    private static byte[] finished(ByteBuffer message, byte @Nullable [] key) throws GeneralSecurityException {
        int length = message.position() - HEADER_LENGTH;
        message.putShort(2, (short) (key == null ? length : length + INTEGRITY_LENGTH));
        if (key != null) {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(key, "HmacSHA1"));
            mac.update(written(message));
            put(message, MESSAGE_INTEGRITY, mac.doFinal());
        }
        return written(message);
    }

    private static byte[] written(ByteBuffer message) {
        byte[] bytes = new byte[message.position()];
        message.get(0, bytes);
        return bytes;
    }

    private static Answer exchange(DatagramSocket socket, byte[] request) throws IOException {
        IOException failure = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
            try {
                socket.send(new DatagramPacket(request, request.length));
                socket.receive(packet);
            } catch (SocketTimeoutException e) { // it may have been lost
                failure = e;
                continue;
            }
            ByteBuffer answer = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
            int transaction = answer.getInt(HEADER_LENGTH - 4);
            if (transaction == ByteBuffer.wrap(request).getInt(HEADER_LENGTH - 4)) {
                return parse(answer);
            }
        }
        throw new IOException("no answer from " + socket.getRemoteSocketAddress(), failure);
    }

    private static Answer parse(ByteBuffer message) {
        int type = message.getShort(0);
        Map<Integer, byte[]> attributes = new HashMap<>();
        message.position(HEADER_LENGTH);
        while (message.hasRemaining()) {
            int attribute = message.getShort() & 0xFFFF;
            byte[] value = new byte[message.getShort()];
            message.get(value);
            message.position(Math.min(message.limit(), (message.position() + 3) & ~3));
            attributes.put(attribute, value);
        }
        return new Answer(type, attributes);
    }
}
