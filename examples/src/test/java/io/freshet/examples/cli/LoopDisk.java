package io.freshet.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An ext4 file system of its own on a sparse file. What a program has written and not forced lies in the page cache of that
 * file system; the file holds what has reached the device. So a copy of the file is what a loss of power would leave.
 */
final class LoopDisk implements AutoCloseable {
    /** Its journal is committed when a program forces a file, and not by the clock while the file is copied. */
    private static final String OPTIONS = "commit=300";

    private final Path directory;
    private Path image;
    private MountedDisk mounted;
    private int imageCount;

    /** Makes and mounts it. */
    LoopDisk(Path directory, int lengthMib) throws IOException, InterruptedException {
        this.directory = directory;
        image = nextImage();
        MountedDisk.run("truncate", "-s", lengthMib + "M", image.toString());
        MountedDisk.run("mkfs.ext4", "-q", "-F", image.toString());
        mounted = MountedDisk.onFile(path(), image, OPTIONS);
    }

    private Path nextImage() {
        return directory.resolve("image-" + imageCount++);
    }

    Path path() {
        return directory.resolve("disk");
    }

    /** Throws away what has not reached the device; nobody may have a file open. */
    void losePower() throws IOException, InterruptedException {
        Path kept = nextImage();
        MountedDisk.run("cp", "--sparse=always", image.toString(), kept.toString());
        mounted.close();
        Files.delete(image);
        image = kept;
        mounted = MountedDisk.onFile(path(), image, OPTIONS);
    }

    @Override
    public void close() throws IOException {
        mounted.close();
    }
}
