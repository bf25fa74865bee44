package io.arcfs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of mkfs.erofs read as the kernel shows them. */
class VectorReadTest {
    static List<String> vectors() {
        return Corpus.singleImages();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void imageShowsWhatTheKernelShows(String vector) throws IOException {
        ErofsImage image = Corpus.image(vector, 0);
        DeviceReader devices = Corpus.devices(Corpus.blob(vector, 0));

        assertThat(Listing.of(image, devices))
                .containsExactlyEntriesOf(Corpus.expected(vector + "/expected.json"));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void lookupFindsEveryListedNameAndNoOther(String vector) throws IOException {
        ErofsImage image = Corpus.image(vector, 0);
        Deque<Long> directories = new ArrayDeque<>(List.of(image.rootNid()));
        while (!directories.isEmpty()) {
            long directory = directories.pop();
            Map<String, Long> names = names(image, directory);
            for (String name : names.keySet()) {
                assertLooksUpAsListed(image, directory, names, name);
                assertLooksUpAsListed(image, directory, names, name + "\0");
                assertLooksUpAsListed(image, directory, names, name + "z");
                assertLooksUpAsListed(
                        image, directory, names, name.substring(0, name.length() - 1) + "\u00fe");
                assertLooksUpAsListed(image, directory, names, name.substring(1));
                if (image.inode(names.get(name)).isDirectory()) {
                    directories.add(names.get(name));
                }
            }
        }
    }

    private static void assertLooksUpAsListed(
            ErofsImage image, long directory, Map<String, Long> names, String name)
            throws IOException {
        if (!name.equals(".") && !name.equals("..")) {
            assertThat(image.lookup(directory, name.getBytes(StandardCharsets.ISO_8859_1)))
                    .as(name)
                    .isEqualTo(names.getOrDefault(name, ErofsImage.ABSENT));
        }
    }

    private static Map<String, Long> names(ErofsImage image, long directory) throws IOException {
        Map<String, Long> names = new TreeMap<>();
        image.list(
                directory,
                (name, nid, _) -> names.put(new String(name, StandardCharsets.ISO_8859_1), nid));
        return names;
    }
}
