package io.freshet.log.document;

import io.freshet.log.LogDocument;
import org.jspecify.annotations.Nullable;

/** What a stored document holds, with its code; beyond {@link LogDocument.Kind} what readers never show. */
public enum DocumentKind {
    RUNS(1, LogDocument.Kind.RUNS),
    EPOCH(2, LogDocument.Kind.EPOCH),
    SNAPSHOT(3, LogDocument.Kind.SNAPSHOT),
    /** Stands where a damaged document was, so that those after it keep their positions. */
    FILLER(4, null);

    private static final @Nullable DocumentKind[] BY_CODE = byCode();

    private final byte code;
    private final LogDocument.@Nullable Kind shown;

    DocumentKind(int code, LogDocument.@Nullable Kind shown) {
        this.code = (byte) code;
        this.shown = shown;
    }

    public byte code() {
        return code;
    }

    /** What a reader shows it as; null when it shows nothing. */
    public LogDocument.@Nullable Kind shown() {
        return shown;
    }

    /** The kind with this code, or null. */
    public static @Nullable DocumentKind of(int code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    private static @Nullable DocumentKind[] byCode() {
        @Nullable DocumentKind[] kinds = new DocumentKind[values().length + 1];
        for (DocumentKind kind : values()) {
            if (kinds[kind.code] != null) {
                throw new AssertionError("code " + kind.code + " is given twice");
            }
            kinds[kind.code] = kind;
        }
        return kinds;
    }
}
