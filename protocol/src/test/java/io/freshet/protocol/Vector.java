package io.freshet.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.freshet.protocol.v1.Close;
import io.freshet.protocol.v1.Closed;
import io.freshet.protocol.v1.Connect;
import io.freshet.protocol.v1.Epoch;
import io.freshet.protocol.v1.Fetch;
import io.freshet.protocol.v1.Gap;
import io.freshet.protocol.v1.GoAway;
import io.freshet.protocol.v1.Hello;
import io.freshet.protocol.v1.Open;
import io.freshet.protocol.v1.Opened;
import io.freshet.protocol.v1.Page;
import io.freshet.protocol.v1.Ping;
import io.freshet.protocol.v1.Pong;
import io.freshet.protocol.v1.Published;
import io.freshet.protocol.v1.Push;
import io.freshet.protocol.v1.Record;
import io.freshet.protocol.v1.Renew;
import io.freshet.protocol.v1.Renewed;
import io.freshet.protocol.v1.Request;
import io.freshet.protocol.v1.Response;
import io.freshet.protocol.v1.Signal;
import io.freshet.protocol.v1.Welcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One test vector of {@code protocol/vectors}; the format is described in the README beside them. Immutable. */
record Vector(
        String file,
        Map<String, String> header,
        ByteString bytes,
        @Nullable ByteString canonical) {
    private static final Path DIRECTORY = Path.of("vectors");

    /** Every vector of every file, in the order of the files' names. */
    static List<Vector> all() {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            List<Vector> vectors = new ArrayList<>();
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
                read(file, vectors);
            }
            return vectors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void read(Path file, List<Vector> vectors) throws IOException {
        for (String block : Files.readString(file).split("\n\n", -1)) {
            if (!block.startsWith("#")) {
                vectors.add(parse(file.getFileName().toString(), block));
            }
        }
    }

    private static Vector parse(String file, String block) {
        Map<String, String> header = new HashMap<>();
        Map<String, StringBuilder> hex = new HashMap<>();
        StringBuilder lines = new StringBuilder();
        for (String line : block.strip().split("\n", -1)) {
            if (line.startsWith(" ")) {
                int comment = line.indexOf('#');
                lines.append(comment < 0 ? line : line.substring(0, comment)).append(' ');
                continue;
            }
            int colon = line.indexOf(':');
            String key = line.substring(0, colon);
            header.put(key, line.substring(colon + 1).strip());
            if (key.equals("bytes") || key.equals("canonical")) {
                lines = new StringBuilder();
                hex.put(key, lines);
            }
        }
        StringBuilder bytes = hex.get("bytes");
        StringBuilder canonical = hex.get("canonical");
        if (bytes == null) {
            throw new IllegalArgumentException(file + ": a vector without bytes: " + block);
        }
        return new Vector(
                file, header, Hex.parse(bytes.toString()), canonical == null ? null : Hex.parse(canonical.toString()));
    }

    String name() {
        return required("name");
    }

    String type() {
        return required("type");
    }

    /** The first word of what is expected. */
    String outcome() {
        return required("expect").split(" ", -1)[0];
    }

    /** The error code behind refuse or reject. */
    ErrorCode code() {
        return ErrorCode.valueOf(required("expect").split(" ", -1)[1]);
    }

    int limit() {
        return Integer.parseInt(header.getOrDefault("limit", "131072"));
    }

    int flags() {
        return Integer.parseInt(header.getOrDefault("flags", "0"));
    }

    int kind() {
        return Integer.parseInt(header.getOrDefault("kind", "0"));
    }

    /** Whether there is a body to decode. */
    boolean hasValue() {
        return header.containsKey("value");
    }

    /** The body that the vector says its bytes are. */
    Message value() {
        Message.Builder builder = prototype().newBuilderForType();
        JsonBody.merge(required("value"), builder);
        return builder.build();
    }

    /** The empty message of this vector's frame type. */
    Message prototype() {
        return switch (FrameType.valueOf(type())) {
            case HELLO -> Hello.getDefaultInstance();
            case CONNECT -> Connect.getDefaultInstance();
            case WELCOME -> Welcome.getDefaultInstance();
            case OPEN -> Open.getDefaultInstance();
            case OPENED -> Opened.getDefaultInstance();
            case CLOSE -> Close.getDefaultInstance();
            case CLOSED -> Closed.getDefaultInstance();
            case RECORD -> Record.getDefaultInstance();
            case PUBLISHED -> Published.getDefaultInstance();
            case GAP -> Gap.getDefaultInstance();
            case FETCH -> Fetch.getDefaultInstance();
            case PAGE -> Page.getDefaultInstance();
            case EPOCH -> Epoch.getDefaultInstance();
            case PING -> Ping.getDefaultInstance();
            case PONG -> Pong.getDefaultInstance();
            case GOAWAY -> GoAway.getDefaultInstance();
            case ERROR -> io.freshet.protocol.v1.Error.getDefaultInstance();
            case SIGNAL -> Signal.getDefaultInstance();
            case RENEW -> Renew.getDefaultInstance();
            case RENEWED -> Renewed.getDefaultInstance();
            case REQUEST -> Request.getDefaultInstance();
            case RESPONSE -> Response.getDefaultInstance();
            case PUSH -> Push.getDefaultInstance();
        };
    }

    private String required(String key) {
        String value = header.get(key);
        if (value == null) {
            throw new IllegalArgumentException(file + ": a vector without " + key + ": " + header);
        }
        return value;
    }

    @Override
    public String toString() {
        return file + " " + header.get("name");
    }
}
