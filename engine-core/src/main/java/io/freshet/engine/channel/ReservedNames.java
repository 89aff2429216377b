package io.freshet.engine.channel;

import io.freshet.log.ChannelDirectory;
import io.freshet.protocol.ThreadName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.SortedSet;

/**
 * Names by which only the server makes channels, which begin with a tilde. Those of threads and of direct channels follow from what
 * they are for, so that there is one of each, whoever asks first.
 */
public final class ReservedNames {
    private static final String THREAD = ThreadName.PREFIX;
    private static final String DIRECT = "~direct/";

    private ReservedNames() {}

    /** Whether a channel of this name is there only once it has attributes. */
    public static boolean needsAttributes(String name) {
        return name.startsWith(THREAD) || name.startsWith(DIRECT);
    }

    public static String ofThread(long parent, long post) {
        return ThreadName.of(parent, post);
    }

    /** Whose access counts for a channel of this name: the parent's of a thread's; {@link ChannelDirectory#NO_CHANNEL} for itself. */
    public static long parentOf(String name) {
        ThreadName.Parent parent = ThreadName.parent(name);
        return parent == null ? ChannelDirectory.NO_CHANNEL : parent.channel();
    }

    /**
     * The name of the direct channel of these people; of one length, however many they are.
     *
     * @param members by rising id, unsigned
     */
    public static String ofDirect(SortedSet<Long> members) {
        ByteBuffer ids = ByteBuffer.allocate(members.size() * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        members.forEach(ids::putLong);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(ids.array());
            return DIRECT + Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
