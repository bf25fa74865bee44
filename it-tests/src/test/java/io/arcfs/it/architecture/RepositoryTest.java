package io.arcfs.it.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Project;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The shape of the repository: its folders, its POMs, and what no tracked file may hold. */
class RepositoryTest {
    private static final Set<String> SOURCE_FOLDERS =
            Set.of(
                    "fuse-frontend",
                    "overlay",
                    "erofs-image",
                    "archive-tier",
                    "ublk-device",
                    "recovery",
                    "it-tests");
    private static final Set<String> OTHER_FOLDERS = Set.of("docs", "tools", "packaging", ".ci");

    /** Places where anybody's clone may stand: naming them tells nothing about this machine. */
    private static final Set<Path> PUBLIC_PLACES =
            Set.of(
                    Path.of("/"),
                    Path.of("/tmp"),
                    Path.of("/var/tmp"),
                    Path.of("/home"),
                    Path.of("/opt"),
                    Path.of("/srv"),
                    Path.of("/usr"),
                    Path.of("/usr/src"),
                    Path.of("/var"),
                    Path.of("/mnt"));

    @Test
    void topLevelFoldersAreExactlyTheModules() {
        Set<String> folders = new TreeSet<>();
        for (String file : trackedFiles()) {
            if (file.contains("/")) {
                folders.add(file.substring(0, file.indexOf('/')));
            }
        }
        assertThat(folders).containsAll(SOURCE_FOLDERS);
        folders.removeAll(SOURCE_FOLDERS);
        assertThat(OTHER_FOLDERS).containsAll(folders);
        assertThat(List.of("pom.xml", "arc", "verify", ".ci/run"))
                .allSatisfy(file -> assertThat(Project.root().resolve(file)).isRegularFile());
    }

    @Test
    void parentNamesExactlyTheModules() throws Exception {
        List<String> modules = new ArrayList<>();
        NodeList nodes = pom(Project.root()).getElementsByTagName("module");
        for (int i = 0; i < nodes.getLength(); i++) {
            modules.add(nodes.item(i).getTextContent().strip());
        }
        assertThat(modules).containsExactlyInAnyOrderElementsOf(SOURCE_FOLDERS);
    }

    @Test
    void modulePomsDependOnlyInTheDirectionOfDesign() throws Exception {
        for (Map.Entry<String, Set<String>> module : ArchitectureTest.DIRECTION.entrySet()) {
            Set<String> ours = new LinkedHashSet<>();
            NodeList nodes =
                    pom(Project.root().resolve(module.getKey())).getElementsByTagName("dependency");
            for (int i = 0; i < nodes.getLength(); i++) {
                Element dependency = (Element) nodes.item(i);
                if (text(dependency, "groupId").equals("io.arcfs")
                        && !text(dependency, "scope").equals("test")) {
                    ours.add(text(dependency, "artifactId"));
                }
            }
            assertThat(module.getValue())
                    .as("what %s depends on", module.getKey())
                    .containsAll(ours);
        }
    }

    @Test
    void noTrackedFileNamesAPathOfThisMachine() throws IOException {
        Set<String> needles = new TreeSet<>();
        Path parent = Project.root().getParent();
        for (Path place = parent; place != null; place = place.getParent()) {
            if (!PUBLIC_PLACES.contains(place)) {
                needles.add(place + "/");
            }
        }
        String home = System.getProperty("user.home", "/");
        if (!PUBLIC_PLACES.contains(Path.of(home))) {
            needles.add(home + "/");
        }
        List<String> found = new ArrayList<>();
        for (String file : trackedFiles()) {
            Path path = Project.root().resolve(file);
            if (Files.isRegularFile(path)) {
                String content = Files.readString(path, StandardCharsets.ISO_8859_1);
                needles.stream()
                        .filter(needle -> startsAPath(content, needle))
                        .forEach(needle -> found.add(file + " holds " + needle));
            }
        }
        assertThat(found).isEmpty();
    }

    /** The needle as an absolute path, not as the end of a longer one. */
    private static boolean startsAPath(String content, String needle) {
        for (int at = content.indexOf(needle); at >= 0; at = content.indexOf(needle, at + 1)) {
            char before = at == 0 ? ' ' : content.charAt(at - 1);
            if (!Character.isLetterOrDigit(before) && "._-/}".indexOf(before) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Tracked, or new and not ignored. */
    private static List<String> trackedFiles() {
        Command.Outcome listed =
                Command.of(
                                "git",
                                "-c",
                                "safe.directory=" + Project.root(),
                                "ls-files",
                                "-z",
                                "--cached",
                                "--others",
                                "--exclude-standard")
                        .in(Project.root())
                        .succeed();
        return List.of(listed.out().split("\0", -1)).stream().filter(s -> !s.isEmpty()).toList();
    }

    private static Element pom(Path module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(module.resolve("pom.xml").toFile())
                .getDocumentElement();
    }

    private static String text(Element parent, String child) {
        NodeList nodes = parent.getElementsByTagName(child);
        Node first = nodes.item(0);
        return first == null ? "" : first.getTextContent().strip();
    }
}
