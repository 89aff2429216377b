package io.freshet.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * That the list of what is shipped is what this build resolved and packed, by the class path and the jar alone: what {@link SbomCheck} compares in a build with the network, as far as
 * it can be seen without. Run in the phase {@code verify}, since there is no jar earlier.
 */
final class ListedLibrariesCheck {
    private static final Pattern LINE =
            Pattern.compile("([^/ ]+)/([^@ ]+)@([^? ]+)\\?(?:classifier=([^& ]+)&)?type=jar ([0-9a-f]{64}) (.+)");

    /** Our own, which no list names. */
    private static final String OWN = "io/freshet/";

    /** A library as its line says. */
    private record Library(
            String group,
            String artifact,
            String version,
            @Nullable String classifier,
            String sha256,
            String licences) {
        static Library of(String line) {
            Matcher matcher = LINE.matcher(line);
            assertTrue(matcher.matches(), () -> SbomCheck.LISTED + " has a line that says nothing: " + line);
            return new Library(
                    matcher.group(1),
                    matcher.group(2),
                    matcher.group(3),
                    matcher.group(4),
                    matcher.group(5),
                    matcher.group(6));
        }

        /** Where a repository has it. */
        Path place() {
            String suffix = classifier == null ? "" : "-" + classifier;
            return Path.of(group.replace('.', '/'), artifact, version, artifact + "-" + version + suffix + ".jar");
        }

        String nameWithoutVersion() {
            return group + "/" + artifact + "?" + classifier;
        }
    }

    /** A library and the file in which this build has it. */
    private record Resolved(Library library, Path file) {}

    @BeforeEach
    void beListed() {
        assumeFalse(Boolean.getBoolean(SbomCheck.UPDATE), "the list is just being written");
    }

    private static List<Library> listed() throws IOException {
        return Files.readAllLines(SbomCheck.LISTED).stream().map(Library::of).toList();
    }

    private static List<Path> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(path.split(Pattern.quote(File.pathSeparator), -1))
                .map(Path::of)
                .toList();
    }

    private static List<Resolved> resolved() throws IOException {
        List<Path> classPath = classPath();
        List<Resolved> resolved = new ArrayList<>();
        for (Library library : listed()) {
            classPath.stream()
                    .filter(file -> file.endsWith(library.place()))
                    .forEach(file -> resolved.add(new Resolved(library, file)));
        }
        return resolved;
    }

    @Test
    void shouldResolveWhatIsListedToTheBitsThatAreListed() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<Library> found = new HashSet<>();
        for (Resolved each : resolved()) {
            found.add(each.library);
            if (!sha256(each.file).equals(each.library.sha256)) {
                wrong.add(each.file + " is not what is listed");
            }
        }
        for (Library library : listed()) {
            if (!found.contains(library)) {
                wrong.add(library.place() + " is listed, and this build has another or none");
            }
        }
        assertEquals(List.of(), wrong);
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has it", e);
        }
    }

    @Test
    void shouldPackAllOfWhatIsListedAndNothingElse() throws IOException {
        Set<String> packed = entries(SbomCheck.JAR, ListedLibrariesCheck::isCode);
        Set<String> missing = new TreeSet<>();
        Set<String> unlisted = new TreeSet<>(packed);
        for (Resolved each : resolved()) {
            Set<String> code = entries(each.file, ListedLibrariesCheck::isCode);
            unlisted.removeAll(code);
            if (!packed.containsAll(code)) {
                missing.add(each.library.place().toString());
            }
        }
        unlisted.removeIf(name -> name.startsWith(OWN));
        assertEquals(Set.of(), unlisted, "packed, and of no library that is listed");
        assertEquals(Set.of(), missing, "listed, and not packed, or not wholly");
    }

    private static Set<String> entries(Path jar, Predicate<String> wanted) throws IOException {
        try (JarFile opened = new JarFile(jar.toFile())) {
            Set<String> names = new HashSet<>();
            opened.stream().map(entry -> entry.getName()).filter(wanted).forEach(names::add);
            return names;
        }
    }

    /** What runs: classes, and libraries of the machine. */
    private static boolean isCode(String name) {
        boolean isClass = name.endsWith(".class") && !name.endsWith("module-info.class");
        return isClass || name.endsWith(".so") || name.endsWith(".dll") || name.endsWith(".jnilib");
    }

    @Test
    void shouldListNothingWithoutAnAllowedLicence() throws IOException {
        List<Library> refused = listed().stream()
                .filter(each ->
                        Arrays.stream(each.licences.split(" \\| ", -1)).noneMatch(SbomCheck.ALLOWED_LICENCES::contains))
                .toList();
        assertEquals(List.of(), refused);
    }

    @Test
    void shouldListOneVersionOfEach() throws IOException {
        List<String> names =
                listed().stream().map(Library::nameWithoutVersion).sorted().toList();
        assertTrue(names.size() > 20, () -> "the list names only " + names);
        assertEquals(List.copyOf(new TreeSet<>(names)), names);
    }
}
