package io.arcfs.overlay.namespace;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecord.Run;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.overlay.data.AppendFiles;
import io.arcfs.overlay.stack.Layer;
import io.arcfs.tier.DeviceExtent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeTest {
    private static final int LAYER = 18;
    private static final long APPEND_FILE = 0xd4f;
    private static final long SIZE = 4096;
    private static final List<Run> RUNS = List.of(new Run(0, new DeviceExtent(1 << 20, SIZE)));

    @TempDir private Path directory;

    /**
     * The committer took the record before the node went over to the image: what it took names an
     * append file that is gone by now.
     */
    @Test
    void aRecordOfThePastDoesNotReplaceTheImages() throws Exception {
        InodeRecord appended = file().data(List.of(), APPEND_FILE, 0).build();
        Node node = new Node(1452, 1, "film".getBytes(StandardCharsets.UTF_8), appended, LAYER);
        InodeRecord taken = node.record();
        node.moveToImage(file().build(), new Image(), 7);
        node.loadData(AppendFiles.open(directory));

        node.committed(taken, LAYER, SIZE);

        assertThat(node.record().appendFile()).isZero();
        assertThat(node.record().runs()).isEqualTo(RUNS);
    }

    /** The same for a node that was in an image when it was noted, and had no runs yet. */
    @Test
    void aRecordWithoutRunsDoesNotReplaceOneThatHasThem() throws Exception {
        InodeRecord bare = file().build();
        byte[] name = "film".getBytes(StandardCharsets.UTF_8);
        Node node = Node.inImage(1452, 1, name, bare, new Image(), 7);
        InodeRecord taken = node.record();
        node.loadData(AppendFiles.open(directory));

        node.committed(taken, Node.IN_IMAGE, SIZE);

        assertThat(node.record().runs()).isEqualTo(RUNS);
    }

    @Test
    void aRecordOfTheLayerItIsInIsTaken() {
        InodeRecord appended = file().data(List.of(), APPEND_FILE, 0).build();
        Node node = new Node(1452, 1, "film".getBytes(StandardCharsets.UTF_8), appended, LAYER);
        InodeRecord later = appended.change().mtime(5, 6).build();

        node.committed(later, LAYER, SIZE);

        assertThat(node.isDirty()).isTrue();
        assertThat(node.record().appendFile()).isEqualTo(APPEND_FILE);
    }

    private static InodeRecordBuilder file() {
        return new InodeRecordBuilder(0100644, 0, 0).nlink(1).size(SIZE).writtenEnd(SIZE);
    }

    /** An image with one file. */
    private static final class Image implements Layer {
        @Override
        public int first() {
            return LAYER;
        }

        @Override
        public int last() {
            return LAYER;
        }

        @Override
        public long rootRef() {
            return 1;
        }

        @Override
        public Entry find(long directoryRef, byte[] name) {
            return new Entry(7, 0100000);
        }

        @Override
        public void list(long directoryRef, EntryVisitor visitor) {}

        @Override
        public long inodeNumber(long ref) {
            return 1452;
        }

        @Override
        public InodeRecord inode(long ref) {
            return file().build();
        }

        @Override
        public Origin origin(long directoryRef) {
            return Origin.NONE;
        }

        @Override
        public List<Run> runs(long ref) {
            return RUNS;
        }
    }
}
