package io.arcfs.overlay.namespace;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.Mode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeTableTest {
    private static final long FILE = 4711;
    private static final byte[] NAME = "film".getBytes(US_ASCII);
    private static final InodeRecord RECORD =
            new InodeRecordBuilder(Mode.REGULAR | 0644, 1000, 1000).build();

    private final NodeTable nodes = new NodeTable();

    private static Node node() {
        return new Node(FILE, FileSystem.ROOT_INODE, NAME, RECORD, 3);
    }

    private List<String> references() {
        List<String> told = new ArrayList<>();
        nodes.references((inode, parent, name, references) ->
                told.add(
                        inode
                                + " in "
                                + parent
                                + " as "
                                + new String(name, US_ASCII)
                                + " x"
                                + references));
        return told;
    }

    @Test
    void aStubCountsItsReferencesAndGoesWithTheLast() {
        assertThat(nodes.referenceStub(FILE, FileSystem.ROOT_INODE, NAME)).isTrue();
        assertThat(nodes.referenceStub(FILE, FileSystem.ROOT_INODE, NAME)).isTrue();
        assertThat(references()).containsExactly("4711 in 1 as film x2");

        nodes.forget(FILE, 1);
        assertThat(references()).containsExactly("4711 in 1 as film x1");

        nodes.forget(FILE, 1);
        assertThat(nodes.known(FILE)).isNull();
    }

    @Test
    void aNodeTakesOverTheReferencesOfItsStub() {
        nodes.referenceStub(FILE, FileSystem.ROOT_INODE, NAME);
        nodes.referenceStub(FILE, FileSystem.ROOT_INODE, NAME);

        Node made = nodes.reference(node());

        assertThat(nodes.get(FILE)).isSameAs(made);
        assertThat(references()).containsExactly("4711 in 1 as film x3");
    }

    @Test
    void whereThereIsANodeThatCounts() {
        Node made = nodes.reference(node());

        assertThat(nodes.referenceStub(FILE, FileSystem.ROOT_INODE, NAME)).isFalse();

        assertThat(nodes.get(FILE)).isSameAs(made);
        assertThat(references()).containsExactly("4711 in 1 as film x1");
    }
}
