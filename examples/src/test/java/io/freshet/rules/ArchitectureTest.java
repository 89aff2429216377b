package io.freshet.rules;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rules on the classes of all modules: names, which module knows which, what may be called where. */
final class ArchitectureTest {
    private static final List<String> BANNED_ENDINGS = List.of("Util", "Utils", "Helper", "Manager", "Impl");

    /** Where time and randomness enter. Everything else is given a clock or a seed. */
    private static final Set<String> CLOCK_SOURCES = Set.of(
            // The real clock and network behind the seams that a simulation replaces.
            "io.freshet.client.NettyTransport",
            "io.freshet.engine.transport.InProcessTransport",
            "io.freshet.engine.notice.WebhookSink",
            // The defaults of what can be configured.
            "io.freshet.client.FreshetClient",
            "io.freshet.engine.FreshetEngine",
            "io.freshet.engine.JwtAuthenticator",
            "io.freshet.log.StorageConfig",
            // The identity of a new log, and of a copied one.
            "io.freshet.log.chronicle.LogRecovery",
            "io.freshet.log.chronicle.Backup",
            // Programs that follow the clock on the wall.
            "io.freshet.benchmarks.load.LoadRun",
            "io.freshet.examples.cli.ChatCommand",
            "io.freshet.examples.cli.DemoCommand",
            "io.freshet.examples.cli.PresenceCommand",
            "io.freshet.examples.cli.ReplayProgress",
            "io.freshet.examples.cli.TopCommand",
            "io.freshet.examples.demo.Demo",
            "io.freshet.examples.replay.Player");

    /** Third-party types are behind the public API, with one exception: the seam where a client's bytes come from. */
    private static final Set<String> SIGNATURE_EXCEPTIONS = Set.of("io.freshet.client.ClientTransport.allocator()");

    private static JavaClasses main;
    private static JavaClasses all;

    @BeforeAll
    static void importClasses() {
        ClassFileImporter importer = new ClassFileImporter().withImportOption(new HandWritten());
        all = importer.importPackages("io.freshet");
        main = importer.withImportOption(new DoNotIncludeTests())
                .withImportOption(location -> !location.contains("-tests.jar"))
                .importPackages("io.freshet");
        for (String module : List.of("protocol", "client", "log", "engine", "examples")) {
            assertTrue(
                    main.stream().anyMatch(each -> each.getPackageName().startsWith("io.freshet." + module)),
                    "no classes of " + module + " were found");
        }
    }

    @Test
    void shouldNameClassesForWhatTheyAre() {
        classes()
                .should(satisfy(
                        "not end in " + BANNED_ENDINGS,
                        each -> BANNED_ENDINGS.stream().noneMatch(each.getSimpleName()::endsWith)))
                .check(all);
    }

    @Test
    void shouldNotPrefixAccessorsWithGet() {
        methods()
                .that()
                .arePublic()
                .and(DescribedPredicate.not(implementForeignMethods()))
                .should()
                .haveNameNotMatching("get[A-Z].*")
                .check(main);
    }

    @Test
    void shouldKeepModulesApart() {
        noClasses()
                .that()
                .resideInAPackage("io.freshet.log..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.freshet.protocol..",
                        "io.freshet.client..",
                        "io.freshet.engine..",
                        "io.netty..",
                        "com.google.protobuf..")
                .check(main);
        noClasses()
                .that()
                .resideInAnyPackage("io.freshet.protocol..", "io.freshet.client..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.freshet.log..", "io.freshet.engine..")
                .check(main);
        noClasses()
                .that()
                .resideInAPackage("io.freshet.protocol..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.freshet.client..")
                .check(main);
        noClasses()
                .that()
                .resideOutsideOfPackage("io.freshet.examples..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.freshet.examples..")
                .check(main);
    }

    @Test
    void shouldKeepLibrariesBehindTheirPackages() {
        onlyIn("net.openhft..", "io.freshet.log.chronicle..", "io.freshet.benchmarks.baseline..");
        onlyIn("picocli..", "io.freshet.examples..");
        onlyIn("org.apache.logging..", "io.freshet.examples..");
        noClasses()
                .that()
                .resideInAnyPackage("io.freshet.examples..", "io.freshet.log", "io.freshet.engine")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.lmdbjava..", "jnr..")
                .check(main);
    }

    private static void onlyIn(String library, String... homes) {
        noClasses()
                .that()
                .resideOutsideOfPackages(homes)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(main);
    }

    @Test
    void shouldNotShowThirdPartyTypesInThePublicApi() {
        classes()
                .that()
                .resideInAnyPackage("io.freshet.engine", "io.freshet.client")
                .and()
                .arePublic()
                .should(haveNoSignatureWith("io.netty", "net.openhft", "org.lmdbjava", "org.agrona"))
                .check(main);
        classes()
                .that()
                .resideInAPackage("io.freshet.log")
                .and()
                .arePublic()
                .should(haveNoSignatureWith("io.netty", "net.openhft", "org.lmdbjava"))
                .check(main);
    }

    @Test
    void shouldReadClocksAndRandomnessOnlyWhereTheyAreInjected() {
        noClasses()
                .that(DescribedPredicate.not(in(CLOCK_SOURCES)))
                .should(access("read a clock or make randomness", ArchitectureTest::isClockOrRandomness))
                .check(main);
    }

    @Test
    void shouldPrintOnlyInTheCommandLine() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.freshet.examples.cli..")
                .should(access(
                        "use System.out or System.err",
                        each -> isOn(each, System.class)
                                && Set.of("out", "err")
                                        .contains(each.getTarget().getName())))
                .check(all);
    }

    @Test
    void shouldNeverSleep() {
        noClasses()
                .should(access(
                        "sleep",
                        each -> each instanceof JavaCall
                                && each.getTarget().getName().equals("sleep")))
                .check(all);
    }

    /** What a library calls by its own name. */
    private static DescribedPredicate<JavaMethod> implementForeignMethods() {
        return DescribedPredicate.describe(
                "implement methods of a library",
                method -> method.getOwner().getAllRawInterfaces().stream()
                        .filter(each -> !each.getPackageName().startsWith("io.freshet"))
                        .anyMatch(each -> each.getMethods().stream()
                                .anyMatch(other -> other.getName().equals(method.getName()))));
    }

    private static boolean isClockOrRandomness(JavaAccess<?> access) {
        String target = access.getTarget().getName();
        String owner = access.getTargetOwner().getName();
        return (isOn(access, System.class)
                        && Set.of("nanoTime", "currentTimeMillis").contains(target))
                || (owner.startsWith("java.time.") && target.equals("now"))
                || (owner.equals("java.time.Clock") && target.startsWith("system"))
                || (owner.equals("java.lang.Math") && target.equals("random"))
                || isConstructorOfRandom(owner, target)
                || owner.equals("java.util.concurrent.ThreadLocalRandom")
                || (owner.startsWith("org.agrona.concurrent.System") && owner.endsWith("Clock"));
    }

    private static boolean isConstructorOfRandom(String owner, String target) {
        return target.equals("<init>")
                && Set.of("java.util.Random", "java.util.SplittableRandom", "java.security.SecureRandom")
                        .contains(owner);
    }

    private static boolean isOn(JavaAccess<?> access, Class<?> owner) {
        return access.getTargetOwner().isEquivalentTo(owner);
    }

    private static DescribedPredicate<JavaClass> in(Set<String> names) {
        return DescribedPredicate.describe("in " + names, each -> {
            String name = each.getName();
            int nested = name.indexOf('$');
            return names.contains(nested < 0 ? name : name.substring(0, nested));
        });
    }

    private static ArchCondition<JavaClass> access(
            String description, java.util.function.Predicate<JavaAccess<?>> isBanned) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaAccess<?> access : item.getAccessesFromSelf()) {
                    if (isBanned.test(access)) {
                        events.add(SimpleConditionEvent.satisfied(item, access.getDescription()));
                    }
                }
            }
        };
    }

    private static ArchCondition<JavaClass> satisfy(
            String description, java.util.function.Predicate<JavaClass> isRight) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                events.add(new SimpleConditionEvent(item, isRight.test(item), item.getName()));
            }
        };
    }

    private static ArchCondition<JavaClass> haveNoSignatureWith(String... packages) {
        return new ArchCondition<>("have no public signature with a type of " + Arrays.toString(packages)) {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                for (JavaMember member : item.getMembers()) {
                    if (isVisible(member) && !SIGNATURE_EXCEPTIONS.contains(member.getFullName())) {
                        types(member)
                                .filter(type -> Arrays.stream(packages)
                                        .anyMatch(name -> type.getPackageName().startsWith(name)))
                                .forEach(type -> events.add(SimpleConditionEvent.violated(
                                        item, member.getFullName() + " shows " + type.getName())));
                    }
                }
            }
        };
    }

    private static boolean isVisible(JavaMember member) {
        return member.getModifiers().contains(JavaModifier.PUBLIC)
                || member.getModifiers().contains(JavaModifier.PROTECTED);
    }

    private static Stream<JavaClass> types(JavaMember member) {
        if (member instanceof JavaField field) {
            return Stream.of(field.getRawType());
        }
        JavaCodeUnit unit = (JavaCodeUnit) member;
        return Stream.concat(Stream.of(unit.getRawReturnType()), unit.getRawParameterTypes().stream());
    }

    /** Leaves out what protoc and JMH have written. */
    private static final class HandWritten implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("/io/freshet/protocol/v1/") && !location.contains("/jmh_generated/");
        }
    }
}
