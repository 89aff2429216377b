package io.freshet.benchmarks.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.freshet.protocol.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Results as JSON text: an object's names are the names of the records' components. Every message of an error names the
 * file and fits on a line.
 */
public final class ResultFile {
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private static final int MAX_LENGTH = 16 << 20;

    private ResultFile() {}

    /** The text of a record of this package, or made of them; its lines end in a line feed. */
    public static String toJson(Object value) {
        return GSON.toJson(value) + "\n";
    }

    /** Replaces the file; its directory must be there. */
    public static void write(Path file, LoadResult result) throws IOException {
        Files.writeString(file, toJson(result));
    }

    /**
     * Reads a whole file.
     *
     * @throws IOException when there is no such file, it has more than 16 MiB, or it does not hold a result of {@link LoadResult#FORMAT}
     */
    public static LoadResult read(Path file) throws IOException {
        String text;
        try {
            text = WholeFile.text(file, MAX_LENGTH);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        }
        return parse(text, file.toString());
    }

    private static LoadResult parse(String text, String name) throws IOException {
        JsonObject json;
        try {
            JsonElement element = JsonParser.parseString(text);
            if (!element.isJsonObject()) {
                throw new IOException(name + ": not a load result: a JSON object was expected");
            }
            json = element.getAsJsonObject();
        } catch (JsonParseException e) {
            throw new IOException(name + ": not JSON", e);
        }
        requireFormat(json, name);
        try {
            return GSON.fromJson(json, LoadResult.class);
        } catch (RuntimeException e) {
            // Gson throws many kinds: of the syntax, of the types, and those of a record's own constructor.
            throw new IOException(name + ": a load result whose parts are missing or of a wrong type", e);
        }
    }

    private static void requireFormat(JsonObject json, String name) throws IOException {
        JsonElement format = json.get("format");
        if (format == null || !format.isJsonPrimitive() || !json.has("totals")) {
            throw new IOException(name + ": not a load result: it has no format and totals");
        }
        String value = format.getAsString();
        if (!value.equals(String.valueOf(LoadResult.FORMAT))) {
            throw new IOException(
                    name + ": format " + value + " is not known, this version reads format " + LoadResult.FORMAT);
        }
    }
}
