package io.freshet.examples.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * An ext4 file system of its own on a sparse file. What a program has written and not forced lies in the page cache of that
 * file system; the file holds what has reached the device. So a copy of the file is what a loss of power would leave.
 * What runs on the disk sees another boot id after each, as after a real one.
 */
final class LoopDisk implements AutoCloseable {
    /** Its journal is committed when a program forces a file, and not by the clock while the file is copied. */
    private static final String OPTIONS = "commit=300";

    private final Path directory;
    private Path image;
    private MountedDisk mounted;
    private Path bootId;
    private int imageCount;

    /** Makes and mounts it. */
    LoopDisk(Path directory, int lengthMib) throws IOException, InterruptedException {
        this.directory = directory;
        image = nextImage();
        MountedDisk.run("truncate", "-s", lengthMib + "M", image.toString());
        MountedDisk.run("mkfs.ext4", "-q", "-F", image.toString());
        mounted = MountedDisk.onFile(path(), image, OPTIONS);
        bootId = nextBootId();
    }

    private Path nextImage() {
        return directory.resolve("image-" + imageCount++);
    }

    private Path nextBootId() throws IOException {
        Path file = directory.resolve("boot-" + imageCount);
        return Files.writeString(file, UUID.nameUUIDFromBytes(new byte[] {(byte) imageCount}) + "\n");
    }

    /** Runs a command in this run of the machine: the beginning of its command line. */
    List<String> machine() {
        String run = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
        return List.of("unshare", "--mount", "sh", "-c", run, bootId.toString());
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
        bootId = nextBootId();
    }

    @Override
    public void close() throws IOException {
        mounted.close();
    }
}
