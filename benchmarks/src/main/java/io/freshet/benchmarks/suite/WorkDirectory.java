package io.freshet.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A new directory for what the servers of a row store; deleted with everything in it when it is closed. */
final class WorkDirectory implements AutoCloseable {
    private final Path root;

    private WorkDirectory(Path root) {
        this.root = root;
    }

    static WorkDirectory create(Path parent) throws IOException {
        Files.createDirectories(parent);
        return new WorkDirectory(Files.createTempDirectory(parent, "freshet-suite"));
    }

    /** The data directory of this name; its server makes it. */
    Path data(String name) {
        return root.resolve(name);
    }

    /** Where a server finds what it needs. */
    ServerFiles files(Path data) {
        return new ServerFiles(data, root.resolve("stream"), root.resolve("certificate.pem"), root.resolve("key.pem"));
    }

    void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            List<Path> entries;
            try (Stream<Path> tree = Files.walk(directory)) {
                entries = tree.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path entry : entries) {
                Files.delete(entry);
            }
        }
    }

    @Override
    public void close() throws IOException {
        delete(root);
    }
}
