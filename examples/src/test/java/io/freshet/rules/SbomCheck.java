package io.freshet.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/**
 * What the packaged jar holds, by the SBOM that the build has just written: run in the phase {@code verify}, since there is no jar earlier. No network: what is
 * allowed is listed in the repository. What of it needs no SBOM, {@link ListedLibrariesCheck} looks at in every build.
 */
final class SbomCheck {
    /** One of a component's licences must be one of these; several mean a choice. */
    static final Set<String> ALLOWED_LICENCES =
            Set.of("Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "EPL-2.0", "CC0-1.0", "OLDAP-2.8", "MIT-0");

    /** What the address in a library's POM says, where the SBOM goes by a name that is also another licence's. */
    private static final Map<String, String> LICENCES_BY_ADDRESS = Map.of("org.jline/jline", "BSD-3-Clause");

    private static final Set<String> TOOLS =
            Set.of("org/openjdk/jmh/", "org/openjdk/jcstress/", "com/code_intelligence/", "org/junit/");

    private static final Path SBOM = Path.of("target", "freshet.cdx.json");
    static final Path JAR = Path.of("target", "freshet.jar");
    static final Path LISTED = SourceTree.root().resolve("config/dependencies.txt");

    /** The property that has the list written anew. */
    static final String UPDATE = "freshet.dependencies.update";

    /** A library: {@code group/artifact@version} with its type, its checksum and its licences. */
    private record Component(String name, String sha256, List<String> licences) {
        String line() {
            return name + " " + sha256 + " " + String.join(" | ", licences);
        }

        String nameWithoutVersion() {
            return name.replaceFirst("@[^?]*", "");
        }
    }

    @Test
    void shouldShipExactlyWhatIsListed() throws IOException {
        List<String> found = components().stream().map(Component::line).sorted().toList();
        assertTrue(found.size() > 20, () -> "the SBOM names only " + found);
        if (Boolean.getBoolean(UPDATE)) {
            Files.write(LISTED, found);
        }
        Set<String> unlisted = new TreeSet<>(found);
        List<String> listed = Files.readAllLines(LISTED);
        unlisted.removeAll(listed);
        Set<String> missing = new TreeSet<>(listed);
        missing.removeAll(found);
        assertEquals(
                "",
                String.join("\n", unlisted) + String.join("\n", missing),
                () -> "shipped and not in " + LISTED + ": " + unlisted + "\nlisted and not shipped: " + missing
                        + "\nCONTRIBUTING.md says how to list what is shipped; look at the difference before you commit it");
    }

    @Test
    void shouldShipNothingWithoutAnAllowedLicence() throws IOException {
        List<String> refused = components().stream()
                .filter(each -> each.licences.stream().noneMatch(ALLOWED_LICENCES::contains))
                .map(Component::line)
                .toList();
        assertEquals(List.of(), refused);
    }

    @Test
    void shouldShipOneVersionOfEach() throws IOException {
        Map<String, String> versions = new HashMap<>();
        for (Component component : components()) {
            String other = versions.put(component.nameWithoutVersion(), component.name);
            assertTrue(other == null, () -> component.name + " beside " + other);
        }
    }

    @Test
    void shouldNotPackToolsOfTests() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            List<String> names = jar.stream().map(entry -> entry.getName()).toList();
            assertFalse(names.isEmpty());
            assertEquals(
                    List.of(),
                    names.stream()
                            .filter(name -> TOOLS.stream().anyMatch(name::startsWith))
                            .toList());
        }
    }

    /** Every library that is not of this repository. */
    private static List<Component> components() throws IOException {
        assumeTrue(Files.exists(SBOM), "CycloneDX writes no SBOM in a build without the network");
        JsonObject bom = JsonParser.parseString(Files.readString(SBOM)).getAsJsonObject();
        List<Component> components = new ArrayList<>();
        for (JsonElement each : bom.getAsJsonArray("components")) {
            JsonObject component = each.getAsJsonObject();
            String purl = component.get("purl").getAsString();
            if (!purl.startsWith("pkg:maven/io.freshet/")) {
                String name = purl.substring("pkg:maven/".length());
                String known = LICENCES_BY_ADDRESS.get(name.replaceFirst("@.*", ""));
                components.add(
                        new Component(name, sha256(component), known == null ? licences(component) : List.of(known)));
            }
        }
        return components;
    }

    private static String sha256(JsonObject component) {
        for (JsonElement hash : component.getAsJsonArray("hashes")) {
            if (hash.getAsJsonObject().get("alg").getAsString().equals("SHA-256")) {
                return hash.getAsJsonObject().get("content").getAsString();
            }
        }
        throw new AssertionError("no checksum of " + component);
    }

    private static List<String> licences(JsonObject component) {
        JsonArray licences = component.has("licenses") ? component.getAsJsonArray("licenses") : new JsonArray();
        List<String> names = new ArrayList<>();
        for (JsonElement each : licences) {
            JsonObject licence = each.getAsJsonObject();
            if (licence.has("expression")) {
                names.addAll(List.of(licence.get("expression").getAsString().split(" OR ", -1)));
            } else {
                JsonObject one = licence.getAsJsonObject("license");
                names.add(
                        one.has("id")
                                ? one.get("id").getAsString()
                                : one.get("name").getAsString());
            }
        }
        return names;
    }
}
