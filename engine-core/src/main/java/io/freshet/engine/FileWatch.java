package io.freshet.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether files were changed, by their time, length and identity, so that a file that is replaced is noticed as well as one that is
 * written. Not safe for use by several threads at a time.
 */
public final class FileWatch {
    private final List<Path> files;
    private List<Stamp> seen;

    /** What tells one state of a file from another; a file that cannot be looked at has a state, too. */
    private record Stamp(
            @Nullable FileTime time, long length, @Nullable Object identity) {
        static Stamp of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
            } catch (IOException e) {
                return new Stamp(null, 0, null);
            }
        }
    }

    /** Takes note of the files as they are now, which is before they are read. */
    public FileWatch(List<Path> files) {
        this.files = List.copyOf(files);
        seen = look();
    }

    private List<Stamp> look() {
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : files) {
            stamps.add(Stamp.of(file));
        }
        return stamps;
    }

    /** Whether a file is not as it was when this was last asked. Blocks on the disk. */
    public boolean hasChanged() {
        List<Stamp> now = look();
        boolean isChanged = !now.equals(seen);
        seen = now;
        return isChanged;
    }
}
