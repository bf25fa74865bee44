package io.arcfs.it.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.arcfs.it.kit.Project;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The fences of DESIGN that the compiler does not draw. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // the classes are read once
class ArchitectureTest {
    /** What each module may see; it-tests may see everything. */
    static final Map<String, Set<String>> DIRECTION =
            Map.of(
                    "ublk-device", Set.of(),
                    "erofs-image", Set.of(),
                    "archive-tier", Set.of("ublk-device"),
                    "overlay", Set.of("erofs-image", "archive-tier", "ublk-device"),
                    "recovery", Set.of("overlay", "erofs-image", "archive-tier", "ublk-device"),
                    "fuse-frontend",
                            Set.of(
                                    "recovery",
                                    "overlay",
                                    "erofs-image",
                                    "archive-tier",
                                    "ublk-device"));

    private final JavaClasses classes =
            new ClassFileImporter()
                    .withImportOption(location ->
                            ImportOption.Predefined.DO_NOT_INCLUDE_TESTS.includes(location))
                    .importPaths(
                            DIRECTION.keySet().stream()
                                    .map(module -> Project.root().resolve(module))
                                    .map(module -> module.resolve("target/classes"))
                                    .filter(java.nio.file.Files::isDirectory)
                                    .toList());

    @Test
    void classesOfEveryModuleWereFound() {
        assertThat(new TreeMap<>(modules()).values()).containsAll(DIRECTION.keySet());
    }

    @Test
    void modulesSeeOnlyWhatDesignAllows() {
        Map<String, String> moduleOf = modules();
        List<String> wrong = new ArrayList<>();
        for (JavaClass from : classes) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                String source = moduleOf.get(from.getName());
                String target = moduleOf.get(dependency.getTargetClass().getName());
                if (source != null
                        && target != null
                        && !source.equals(target)
                        && !DIRECTION.getOrDefault(source, Set.of()).contains(target)) {
                    wrong.add(dependency.getDescription());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void nativeSymbolsAreLinkedOnlyInPosixAndAbiPackages() {
        noClasses()
                .that()
                .resideOutsideOfPackages("..posix..", "..abi..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Linker.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(SymbolLookup.class)
                .check(classes);
    }

    @Test
    void rocksDbIsSeenOnlyByCatalogs() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..catalog..")
                .and()
                .haveNameNotMatching(".*Catalog.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb..")
                .check(classes);
    }

    @Test
    void onlyTheCommandWritesToStandardOutput() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..cli..")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(classes);
    }

    @Test
    void nobodyUsesUnsafeOrSerialization() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("sun.misc.Unsafe")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.io.ObjectInputStream")
                .check(classes);
    }

    private Map<String, String> modules() {
        Map<String, String> moduleOf = new TreeMap<>();
        for (JavaClass type : classes) {
            type.getSource()
                    .ifPresent(source -> {
                        String uri = source.getUri().toString();
                        for (String module : DIRECTION.keySet()) {
                            if (uri.contains("/" + module + "/target/")) {
                                moduleOf.put(type.getName(), module);
                            }
                        }
                    });
        }
        return moduleOf;
    }
}
