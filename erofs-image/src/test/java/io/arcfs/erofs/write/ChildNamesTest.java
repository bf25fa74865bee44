package io.arcfs.erofs.write;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChildNamesTest {
    private final NamePool pool = new NamePool();
    private final ChildNames children = new ChildNames(pool);

    @Test
    void namesStandInOrderWithTheirKeys() throws UnwritableTreeException {
        add("b", "a", "\u00ff", "B", "ab", "a!");

        assertThat(sorted()).containsExactly("B=3", "a=1", "a!=5", "ab=4", "b=0", "\u00ff=2");
    }

    @Test
    void namesThatComeInOrderAreLeftWhereTheyAre() throws UnwritableTreeException {
        add("a", "b", "c");
        long before = children.first();

        assertThat(sorted()).containsExactly("a=0", "b=1", "c=2");
        assertThat(children.first()).isEqualTo(before);
    }

    @Test
    void equalNamesAreRefusedWhereverTheyCome() {
        add("same", "same");
        assertThatThrownBy(this::sorted).hasMessageContaining("\"same\" twice");

        children.clear();
        add("b", "same", "a", "same");
        assertThatThrownBy(this::sorted).hasMessageContaining("\"same\" twice");
    }

    /** Names of several pages of the pool, the gaps at whose ends move when they are sorted. */
    @Test
    void directoriesOfManyPagesFollowEachOther() throws UnwritableTreeException {
        Random random = new Random(5);
        List<List<String>> directories = new ArrayList<>();
        List<Long> firsts = new ArrayList<>();
        for (int count : new int[] {3, 10_000, 0, 1, 30_000, 500}) {
            children.clear();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                names.add(i + "x".repeat(random.nextInt(200)));
            }
            Collections.shuffle(names, random);
            add(names.toArray(String[]::new));
            children.sort();
            List<String> expected = new ArrayList<>(names);
            // ASCII: chars sort as bytes.
            Collections.sort(expected);
            for (int i = 0; i < count; i++) {
                assertThat(names.get((int) children.key(i))).isEqualTo(expected.get(i));
            }
            directories.add(expected);
            firsts.add(children.first());
        }
        for (int i = 0; i < directories.size(); i++) {
            assertThat(names(firsts.get(i), directories.get(i).size()))
                    .isEqualTo(directories.get(i));
        }
    }

    private void add(String... names) {
        for (int i = 0; i < names.length; i++) {
            children.add(names[i].getBytes(ISO_8859_1), i);
        }
    }

    private List<String> sorted() throws UnwritableTreeException {
        children.sort();
        List<String> names = names(children.first(), children.count());
        List<String> sorted = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            sorted.add(names.get(i) + "=" + children.key(i));
        }
        return sorted;
    }

    private List<String> names(long first, int count) {
        NamePool.Reader reader = pool.from(first);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            reader.next();
            int end = reader.start() + reader.length();
            byte[] name = Arrays.copyOfRange(reader.page(), reader.start(), end);
            names.add(new String(name, ISO_8859_1));
        }
        return names;
    }
}
