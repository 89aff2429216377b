package io.freshet.protocol;

import com.google.protobuf.ByteString;
import io.freshet.protocol.v1.Attachment;
import io.freshet.protocol.v1.Content;
import io.freshet.protocol.v1.Extension;
import io.freshet.protocol.v1.Mention;
import org.jspecify.annotations.Nullable;

/**
 * What the fields of a post may hold. Lengths are bytes of UTF-8. A client may ask before it sends; a server that checks events
 * refuses what is outside with INVALID_CONTENT.
 */
public final class ContentLimits {
    public static final int TEXT_LENGTH = 8_000;
    public static final int MENTION_COUNT = 100;
    public static final int ATTACHMENT_COUNT = 10;
    public static final int ATTACHMENT_NAME_LENGTH = 255;
    public static final int MEDIA_TYPE_LENGTH = 127;
    public static final int ADDRESS_LENGTH = 2_048;
    public static final int EXTENSION_TYPE_LENGTH = 127;
    public static final int EXTENSION_DATA_LENGTH = 8_192;
    public static final int REACTION_LENGTH = 64;

    private ContentLimits() {}

    /** What is wrong with this content, as a sentence for people, or null when nothing is. */
    public static @Nullable String violation(Content content) {
        int textLength = content.getTextBytes().size();
        if (textLength > TEXT_LENGTH) {
            return over("the text", textLength, TEXT_LENGTH);
        }
        if (textLength == 0 && content.getAttachmentsCount() == 0 && !content.hasExtension()) {
            return "a post has a text, an attachment or an extension";
        }
        if (content.getMentionsCount() > MENTION_COUNT) {
            return "a post has " + content.getMentionsCount() + " mentions; the limit is " + MENTION_COUNT;
        }
        for (Mention mention : content.getMentionsList()) {
            if (mention.getTargetCase() == Mention.TargetCase.TARGET_NOT_SET) {
                return "a mention names nobody";
            }
        }
        if (content.getAttachmentsCount() > ATTACHMENT_COUNT) {
            return "a post has " + content.getAttachmentsCount() + " attachments; the limit is " + ATTACHMENT_COUNT;
        }
        for (Attachment attachment : content.getAttachmentsList()) {
            String violation = violation(attachment);
            if (violation != null) {
                return violation;
            }
        }
        return content.hasExtension() ? violation(content.getExtension()) : null;
    }

    private static @Nullable String violation(Attachment attachment) {
        String name = within("the name of an attachment", attachment.getNameBytes(), 1, ATTACHMENT_NAME_LENGTH);
        String type = within("the media type of an attachment", attachment.getMediaTypeBytes(), 0, MEDIA_TYPE_LENGTH);
        String address = within("the address of an attachment", attachment.getAddressBytes(), 1, ADDRESS_LENGTH);
        return name != null ? name : type != null ? type : address;
    }

    private static @Nullable String violation(Extension extension) {
        String type = within("the type of an extension", extension.getTypeBytes(), 1, EXTENSION_TYPE_LENGTH);
        return type != null ? type : within("the data of an extension", extension.getData(), 0, EXTENSION_DATA_LENGTH);
    }

    /** What is wrong with this reaction, or null when nothing is. */
    public static @Nullable String reactionViolation(String reaction) {
        String length = within("a reaction", ByteString.copyFromUtf8(reaction), 1, REACTION_LENGTH);
        if (length == null && reaction.codePoints().anyMatch(Character::isISOControl)) {
            return "a reaction has a control character";
        }
        return length;
    }

    private static @Nullable String within(String what, ByteString bytes, int least, int most) {
        if (bytes.size() < least) {
            return what + " is empty";
        }
        return bytes.size() > most ? over(what, bytes.size(), most) : null;
    }

    private static String over(String what, int length, int most) {
        return what + " has " + length + " bytes; the limit is " + most;
    }
}
