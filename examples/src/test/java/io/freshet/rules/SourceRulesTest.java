package io.freshet.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules on the text of the sources: lengths, marks of unfinished work, and what each package says of itself. */
final class SourceRulesTest {
    private static final int MAX_FILE_LINE_COUNT = 450;
    private static final int MAX_METHOD_LINE_COUNT = 60;
    private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    @Test
    void shouldFindTheSourcesOfEveryModule() {
        List<String> modules = List.of("protocol", "persistence", "engine-core", "benchmarks", "examples");
        for (String module : modules) {
            Path sources = SourceTree.root().resolve(module).resolve("src");
            assertFalse(
                    SourceTree.javaFiles().stream().noneMatch(file -> file.startsWith(sources)),
                    "no sources of " + module);
        }
    }

    @Test
    void shouldKeepFilesShort() {
        List<String> tooLong = new ArrayList<>();
        for (Path file : SourceTree.javaFiles()) {
            int count = SourceTree.lines(file).size();
            if (count > MAX_FILE_LINE_COUNT) {
                tooLong.add(name(file) + ": " + count + " lines, the limit is " + MAX_FILE_LINE_COUNT);
            }
        }
        assertNone(tooLong);
    }

    @Test
    void shouldKeepMethodsOnOneScreen() throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> tooLong = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null,
                    files,
                    null,
                    List.of("-proc:none"),
                    null,
                    files.getJavaFileObjectsFromPaths(SourceTree.javaFiles()));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                unit.accept(new MethodLengths(unit, positions, tooLong), null);
            }
        }
        assertNone(tooLong);
    }

    @Test
    void shouldLeaveNothingMarkedAsUnfinished() {
        List<String> marks = new ArrayList<>();
        for (Path file : SourceTree.javaFiles()) {
            List<String> lines = SourceTree.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (UNFINISHED.matcher(lines.get(i)).find()) {
                    marks.add(name(file) + ":" + (i + 1) + ": " + lines.get(i).strip());
                }
            }
        }
        assertNone(marks);
    }

    @Test
    void shouldDescribeAndNullMarkEveryPackage() {
        Map<Path, Boolean> described = new TreeMap<>();
        for (Path file : SourceTree.javaFiles()) {
            boolean isMarked =
                    Objects.requireNonNull(file.getFileName()).toString().equals("package-info.java")
                            && SourceTree.lines(file).contains("@NullMarked");
            described.merge(packageOf(file), isMarked, Boolean::logicalOr);
        }
        List<String> missing = new ArrayList<>();
        described.forEach((name, isMarked) -> {
            if (!isMarked) {
                missing.add(name + " has no package-info.java with @NullMarked");
            }
        });
        assertNone(missing);
    }

    /** Module and package: the tests of a package need no second description. */
    private static Path packageOf(Path file) {
        Path relative = SourceTree.root().relativize(file);
        int sourceRootCount = 4; // module, src, main or test, java
        return relative.subpath(0, 1).resolve(relative.subpath(sourceRootCount, relative.getNameCount() - 1));
    }

    private static String name(Path file) {
        return SourceTree.root().relativize(file).toString();
    }

    private static void assertNone(List<String> violations) {
        assertEquals("", String.join("\n", violations));
    }

    private static final class MethodLengths extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> tooLong;

        MethodLengths(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
            this.unit = unit;
            this.positions = positions;
            this.tooLong = tooLong;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
            LineMap lines = unit.getLineMap();
            long firstLine = lines.getLineNumber(positions.getStartPosition(unit, method));
            long lastLine = lines.getLineNumber(positions.getEndPosition(unit, method));
            long count = lastLine - firstLine + 1;
            if (count > MAX_METHOD_LINE_COUNT) {
                tooLong.add(name(Path.of(unit.getSourceFile().toUri())) + ":" + firstLine + ": " + method.getName()
                        + " has " + count + " lines, the limit is " + MAX_METHOD_LINE_COUNT);
            }
            return super.visitMethod(method, null);
        }
    }
}
