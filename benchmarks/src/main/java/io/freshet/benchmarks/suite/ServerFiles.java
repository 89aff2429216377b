package io.freshet.benchmarks.suite;

import java.nio.file.Path;

/**
 * Where the files of a server are.
 *
 * @param data its data directory, which it makes
 * @param stream stored messages, for a server that streams them
 * @param certificate in PEM, for a server that encrypts, and for those that are to trust it
 * @param key of the certificate, in PEM
 */
record ServerFiles(Path data, Path stream, Path certificate, Path key) {}
