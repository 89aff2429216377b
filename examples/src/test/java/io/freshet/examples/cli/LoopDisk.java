package io.freshet.examples.cli;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.agrona.IoUtil;

/**
 * An ext4 file system of its own on a sparse file. What a program has written and not forced lies in the page cache of that
 * file system; the file holds what has reached the device. So a copy of the file is what a loss of power would leave.
 * What runs on the disk sees another boot id after each, as after a real one.
 */
final class LoopDisk implements AutoCloseable {
    /** Its journal is committed when a program forces a file, and not by the clock while the file is copied. */
    private static final String OPTIONS = "commit=300";

    private static final long PAGE_LENGTH = 4096;
    private static final int END_PAGE_COUNT = 8;

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
        return Files.writeString(
                file, UUID.nameUUIDFromBytes(image.toString().getBytes(StandardCharsets.UTF_8)) + "\n");
    }

    /** Runs a command in this run of the machine: the beginning of its command line. */
    List<String> machine() {
        String run = "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"";
        return List.of("unshare", "--mount", "sh", "-c", run, bootId.toString());
    }

    Path path() {
        return directory.resolve("disk");
    }

    /**
     * Writes a page near the end of each roll file to the device, and none before it, as the machine may at any moment of its
     * own accord.
     */
    void writeBackAPage(Random random) throws IOException {
        try (Stream<Path> tree = Files.walk(path())) {
            for (Path file : (Iterable<Path>) tree.filter(f -> f.toString().endsWith(".cq4"))::iterator) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    long lastPage = lastUsed(channel) / PAGE_LENGTH;
                    long offset = Math.max(0, lastPage - random.nextInt(END_PAGE_COUNT)) * PAGE_LENGTH;
                    long length =
                            Math.min(PAGE_LENGTH, channel.size() - offset); // a longer mapping would lengthen the file
                    MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_WRITE, offset, length);
                    bytes.force();
                    IoUtil.unmap(bytes);
                }
            }
        }
    }

    /** Offset of the last byte that is not zero. */
    private static long lastUsed(FileChannel channel) throws IOException {
        MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
        int last = bytes.limit() - 1;
        while (last > 0 && bytes.get(last) == 0) {
            last--;
        }
        IoUtil.unmap(bytes);
        return last;
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
        Files.delete(image);
    }
}
