package io.freshet.engine.notice;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a webhook's request says, as JSON, and its signature. */
final class WebhookBody {
    private static final String ALGORITHM = "HmacSHA256";
    private static final char FIRST_PLAIN = ' ';

    private WebhookBody() {}

    /** {@code {"notifications":[…]}}; numbers of 64 bits are strings. */
    static byte[] json(List<Notification> notifications) {
        StringBuilder json = new StringBuilder("{\"notifications\":[");
        for (Notification each : notifications) {
            json.append(json.charAt(json.length() - 1) == '[' ? "{" : ",{");
            field(json, "id", each.id()).append(',');
            field(json, "user", Long.toUnsignedString(each.user())).append(',');
            field(json, "reason", each.reason()).append(',');
            field(json, "channel", each.channel()).append(',');
            field(json, "sequence", Long.toString(each.sequence())).append(',');
            field(json, "author", Long.toUnsignedString(each.author())).append(',');
            field(json, "posted_us", Long.toString(each.postedUs())).append('}');
        }
        return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static StringBuilder field(StringBuilder json, String name, String value) {
        json.append('"').append(name).append("\":\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < FIRST_PLAIN) {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        return json.append('"');
    }

    /**
     * The signature's header: {@code t=}seconds since 1970{@code ,v1=}HMAC-SHA256 over those digits, a full stop and the body, in
     * hexadecimal.
     */
    static String signature(byte[] secret, long epochS, byte[] body) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            mac.update((epochS + ".").getBytes(StandardCharsets.US_ASCII));
            return "t=" + epochS + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + ALGORITHM, e);
        }
    }
}
