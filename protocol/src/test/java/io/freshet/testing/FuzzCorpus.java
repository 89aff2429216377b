package io.freshet.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The inputs kept for one fuzz target: {@code fuzz/NAME.txt} among the tests' resources, where NAME is the target's class
 * and each line one input in hexadecimal; lines that begin with {@code #} say where the next ones come from. Immutable.
 *
 * <p>A target is a public class with {@code public static void fuzzerTestOneInput(byte[])}, which throws when a promise is
 * broken. Jazzer runs it for as long as one likes (CONTRIBUTING.md says how); every build runs it on what is kept here and on
 * seeded mutations of it, without a fuzzer.
 */
public final class FuzzCorpus {
    private static final int MAX_MUTATIONS_PER_INPUT = 6;

    private final String name;
    private final List<byte[]> inputs;

    /** What a target does with an input; it does not keep it. */
    @FunctionalInterface
    public interface Target {
        void run(byte[] input);
    }

    private FuzzCorpus(String name, List<byte[]> inputs) {
        this.name = name;
        this.inputs = inputs;
    }

    /** The inputs kept for this target, of which there must be one at least. */
    public static FuzzCorpus of(Class<?> target) throws IOException {
        String name = target.getSimpleName();
        try (InputStream in = target.getResourceAsStream("/fuzz/" + name + ".txt")) {
            if (in == null) {
                throw new IOException("no inputs are kept for " + name);
            }
            return new FuzzCorpus(name, parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII)));
        }
    }

    private static List<byte[]> parse(String text) {
        List<byte[]> inputs = text.lines()
                .filter(line -> !line.startsWith("#"))
                .map(HexFormat.of()::parseHex)
                .toList();
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("a corpus without an input");
        }
        return inputs;
    }

    /** The inputs in the order of the file; not to be changed. */
    public List<byte[]> inputs() {
        return inputs;
    }

    /** Runs every input. */
    public void replay(Target target) {
        for (byte[] input : inputs) {
            run(target, input);
        }
    }

    /** Runs so many inputs that are mutations of those kept, the same for the same seed. */
    public void mutate(long seed, int count, Target target) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            run(target, mutated(inputs.get(random.nextInt(inputs.size())), random));
        }
    }

    private void run(Target target, byte[] input) {
        try {
            target.run(input.clone());
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + " fails on " + HexFormat.of().formatHex(input) + ": " + e, e);
        }
    }

    private byte[] mutated(byte[] input, SplittableRandom random) {
        byte[] bytes = input.clone();
        int mutationCount = 1 + random.nextInt(MAX_MUTATIONS_PER_INPUT);
        for (int i = 0; i < mutationCount; i++) {
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            switch (random.nextInt(bytes.length == 0 ? 1 : 5)) {
                case 0 -> bytes = spliced(bytes, at, random);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
                case 2 -> bytes[at] = (byte) random.nextInt();
                case 3 -> bytes = Arrays.copyOf(bytes, at);
                default -> bytes = without(bytes, at, 1 + random.nextInt(bytes.length - at));
            }
        }
        return bytes;
    }

    /** Puts a part of any kept input there. */
    private byte[] spliced(byte[] bytes, int at, SplittableRandom random) {
        byte[] other = inputs.get(random.nextInt(inputs.size()));
        int from = random.nextInt(other.length + 1);
        byte[] part = Arrays.copyOfRange(other, from, from + random.nextInt(other.length - from + 1));
        return concat(List.of(Arrays.copyOf(bytes, at), part, Arrays.copyOfRange(bytes, at, bytes.length)));
    }

    private static byte[] without(byte[] bytes, int at, int length) {
        return concat(List.of(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at + length, bytes.length)));
    }

    private static byte[] concat(List<byte[]> parts) {
        byte[] whole = new byte[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
