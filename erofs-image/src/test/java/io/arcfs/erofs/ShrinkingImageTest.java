package io.arcfs.erofs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An image whose file is cut while it is mapped: the pages are gone, and the JVM says so with an
 * error that no caller would expect.
 */
class ShrinkingImageTest {
    @TempDir Path directory;

    @Test
    void everyWayInGivesATypedError() throws IOException {
        ErofsImage image = open("basic-plain-inline");
        long root = image.rootNid();
        long file = find(image, root, true);
        long directoryNid = find(image, root, false);
        DirectoryCursor cursor = image.cursor(root);
        ErofsImage chunked = open("basic-chunk4m-blob");
        ChunkIndexes indexes = chunked.chunkIndexes(find(chunked, chunked.rootNid(), true));
        cut(image);
        cut(chunked);

        List<Call> calls =
                List.of(
                        () -> image.inode(root),
                        () -> image.lookup(root, "name".getBytes(StandardCharsets.UTF_8)),
                        () -> image.list(directoryNid, (_, _, _) -> {}),
                        () -> cursor.next(),
                        () -> image.cursor(directoryNid),
                        () -> image.xattrs(file),
                        () -> image.xattr(file, "user.a".getBytes(StandardCharsets.UTF_8)),
                        () -> image.extentAt(file, 0),
                        () -> image.chunks(file),
                        () -> image.symlinkTarget(file),
                        () -> image.inodeOffset(file),
                        () -> image.inodeLengthBytes(file),
                        () -> image.isDotOmitted(root),
                        () -> image.read(file, 0, MemorySegment.ofArray(new byte[100]), none()),
                        () -> image.readInner(file, 0, MemorySegment.ofArray(new byte[1])),
                        () -> image.copyBytes(0, MemorySegment.ofArray(new byte[9000])),
                        () -> image.chunkIndexes(file),
                        () -> indexes.chunk(0),
                        indexes::copy);
        for (int i = 0; i < calls.size(); i++) {
            // Often enough to be compiled, in which the error comes at other places.
            for (int round = 0; round < 3_000; round++) {
                assertThat(outcome(calls.get(i))).as("call %d, round %d", i, round).isNotNull();
            }
        }
    }

    private static CorruptImageException outcome(Call call) throws IOException {
        try {
            call.run();
        } catch (CorruptImageException e) {
            return e;
        }
        throw new AssertionError("read what is not there");
    }

    private static DeviceReader none() {
        return (_, _, target) -> target.fill((byte) 0);
    }

    private static long find(ErofsImage image, long directoryNid, boolean file) throws IOException {
        long[] found = {ErofsImage.ABSENT};
        image.list(
                directoryNid,
                (_, nid, _) -> {
                    Inode inode = image.inode(nid);
                    boolean wanted =
                            file ? inode.isRegular() && inode.size() > 0 : inode.isDirectory();
                    if (found[0] < 0 && wanted) {
                        found[0] = nid;
                    }
                });
        assertThat(found[0]).isNotNegative();
        return found[0];
    }

    private ErofsImage open(String vector) throws IOException {
        Path file = directory.resolve(vector);
        Files.write(file, Corpus.bytes(vector + "/meta.00"));
        return ErofsImage.open(file);
    }

    private static void cut(ErofsImage image) throws IOException {
        try (FileChannel channel =
                FileChannel.open(Path.of(image.name()), StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
    }

    /** Something that reads the image. */
    private interface Call {
        void run() throws IOException;
    }
}
