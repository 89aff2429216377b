package io.freshet.examples.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** A small file system of its own, mounted for a test; only root may do that, and others skip the test. */
final class MountedDisk implements AutoCloseable {
    private final Path mountPoint;

    private MountedDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** One in memory of this size. */
    static MountedDisk inMemory(Path mountPoint, int lengthMib) throws IOException, InterruptedException {
        return mount(mountPoint, "-t", "tmpfs", "-o", "size=" + lengthMib + "M", "none");
    }

    /** One on a file that holds a file system, mounted with these options. */
    static MountedDisk onFile(Path mountPoint, Path image, String options) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/dev/loop-control")), "this machine cannot mount files");
        return mount(mountPoint, "-o", "loop," + options, image.toString());
    }

    private static MountedDisk mount(Path mountPoint, String... options) throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root may mount");
        Files.createDirectories(mountPoint);
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(options));
        command.add(mountPoint.toString());
        assumeTrue(exitCode(command) == 0, "this machine does not let root mount");
        return new MountedDisk(mountPoint);
    }

    Path path() {
        return mountPoint;
    }

    /** Mounts it again with another option, as it is. */
    void remount(String option) throws IOException, InterruptedException {
        run("mount", "-o", "remount," + option, mountPoint.toString());
    }

    /** Takes all the room that is left but for so many bytes, whoever else takes some meanwhile; returns the file that does. */
    Path fill(long leftLength) throws IOException {
        Path ballast = mountPoint.resolve("ballast");
        ByteBuffer block = ByteBuffer.allocate(1 << 16);
        try (FileChannel out = FileChannel.open(ballast, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            try {
                while (true) {
                    block.clear();
                    out.write(block);
                }
            } catch (IOException e) {
                out.truncate(Math.max(0, out.size() - leftLength));
            }
        }
        return ballast;
    }

    static void run(String... command) throws IOException, InterruptedException {
        int code = exitCode(List.of(command));
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code);
        }
    }

    private static int exitCode(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            System.err.println(String.join(" ", command) + ": " + said);
        }
        return code;
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", mountPoint.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted before " + mountPoint + " was unmounted", e);
        }
    }
}
