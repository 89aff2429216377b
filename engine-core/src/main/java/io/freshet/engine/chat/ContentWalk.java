package io.freshet.engine.chat;

import io.freshet.protocol.ContentLimits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/**
 * Looks at the payload of a POST where it lies, without a copy: one that mentions nobody, answers nothing and is written as every
 * encoder writes it is within its limits or not, and that is all there is to know. Of anything else this says only that it is
 * something else.
 *
 * <p>Whatever it takes for plain, {@link ContentLimits} takes for legal.
 */
public final class ContentWalk {
    private static final int VARINT = 0;
    private static final int LENGTH = 2;

    /** No length within the limits takes more bytes. */
    private static final int LONGEST_LENGTH = 3;

    private static final int LONGEST_NUMBER = 10;

    private ContentWalk() {}

    /** Whether the payload between these indexes is a plain post, within its limits. Borrows the buffer; allocates nothing. */
    public static boolean isPlain(ByteBuf in, int from, int to) {
        boolean hasText = false;
        boolean hasExtension = false;
        boolean isSilent = false;
        int attachmentCount = 0;
        int at = from;
        while (at < to) {
            int tag = in.getByte(at++);
            if (tag == tag(6, VARINT)) {
                if (isSilent || at == to || (in.getByte(at) & ~1) != 0) {
                    return false;
                }
                isSilent = true;
                at++;
                continue;
            }
            int length = length(in, at, to);
            if (length < 0) {
                return false;
            }
            int start = at + lengthOfLength(length);
            at = start + length;
            boolean isLegal = switch (tag) {
                case 1 << 3 | LENGTH ->
                    !hasText && length > 0 && length <= ContentLimits.TEXT_LENGTH && isText(in, start, length);
                case 4 << 3 | LENGTH ->
                    ++attachmentCount <= ContentLimits.ATTACHMENT_COUNT && isAttachment(in, start, at);
                case 5 << 3 | LENGTH -> !hasExtension && isExtension(in, start, at);
                default -> false;
            };
            if (!isLegal) {
                return false;
            }
            hasText |= tag == tag(1, LENGTH);
            hasExtension |= tag == tag(5, LENGTH);
        }
        return hasText || hasExtension || attachmentCount > 0;
    }

    private static boolean isAttachment(ByteBuf in, int from, int to) {
        int seen = 0;
        int at = from;
        while (at < to) {
            int tag = in.getByte(at++);
            int bit = 1 << (tag >>> 3);
            if (tag < 0 || (seen & bit) != 0) {
                return false;
            }
            seen |= bit;
            if (tag == tag(3, VARINT)) {
                at = behindVarint(in, at, to);
                if (at < 0) {
                    return false;
                }
                continue;
            }
            int length = length(in, at, to);
            if (length < 0) {
                return false;
            }
            int start = at + lengthOfLength(length);
            at = start + length;
            int most = switch (tag) {
                case 1 << 3 | LENGTH -> ContentLimits.ATTACHMENT_NAME_LENGTH;
                case 2 << 3 | LENGTH -> ContentLimits.MEDIA_TYPE_LENGTH;
                case 4 << 3 | LENGTH -> ContentLimits.ADDRESS_LENGTH;
                default -> 0;
            };
            if (length == 0 || length > most || !isText(in, start, length)) {
                return false;
            }
        }
        int needed = 1 << 1 | 1 << 4;
        return (seen & needed) == needed;
    }

    private static boolean isExtension(ByteBuf in, int from, int to) {
        boolean hasType = false;
        boolean hasData = false;
        int at = from;
        while (at < to) {
            int tag = in.getByte(at++);
            int length = length(in, at, to);
            if (length < 0) {
                return false;
            }
            int start = at + lengthOfLength(length);
            at = start + length;
            boolean isLegal = switch (tag) {
                case 1 << 3 | LENGTH ->
                    !hasType
                            && length > 0
                            && length <= ContentLimits.EXTENSION_TYPE_LENGTH
                            && isText(in, start, length);
                case 2 << 3 | LENGTH -> !hasData && length <= ContentLimits.EXTENSION_DATA_LENGTH;
                default -> false;
            };
            if (!isLegal) {
                return false;
            }
            hasType |= tag == tag(1, LENGTH);
            hasData |= tag == tag(2, LENGTH);
        }
        return hasType;
    }

    private static int tag(int field, int wireType) {
        return field << 3 | wireType;
    }

    private static boolean isText(ByteBuf in, int index, int length) {
        return ByteBufUtil.isText(in, index, length, StandardCharsets.UTF_8);
    }

    /** The length written at this index in its shortest form, when so much follows; or -1. */
    private static int length(ByteBuf in, int index, int to) {
        int value = 0;
        for (int i = 0; i < LONGEST_LENGTH && index + i < to; i++) {
            byte b = in.getByte(index + i);
            value |= (b & 0x7F) << (7 * i);
            if (b >= 0) {
                boolean isShortest = b != 0 || i == 0;
                return isShortest && value <= to - (index + i + 1) ? value : -1;
            }
        }
        return -1;
    }

    private static int lengthOfLength(int length) {
        return length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : LONGEST_LENGTH;
    }

    /** Behind the number of 64 bits at this index, or -1. */
    private static int behindVarint(ByteBuf in, int index, int to) {
        for (int i = 0; i < LONGEST_NUMBER && index + i < to; i++) {
            if (in.getByte(index + i) >= 0) {
                return index + i + 1;
            }
        }
        return -1;
    }
}
