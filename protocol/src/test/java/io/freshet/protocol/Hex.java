package io.freshet.protocol;

import com.google.protobuf.ByteString;

/** The notation of bytes in the test vectors: two digits a byte, {@code 61*200} for two hundred of them. */
final class Hex {
    private Hex() {}

    static ByteString parse(String text) {
        ByteString.Output out = ByteString.newOutput();
        for (String token : text.strip().split("\\s+", -1)) {
            if (!token.isEmpty()) {
                int count = token.length() == 2 ? 1 : Integer.parseInt(token.substring(3));
                for (int i = 0; i < count; i++) {
                    out.write(Integer.parseInt(token.substring(0, 2), 16));
                }
            }
        }
        return out.toByteString();
    }
}
