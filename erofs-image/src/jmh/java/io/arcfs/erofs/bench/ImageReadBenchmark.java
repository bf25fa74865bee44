package io.arcfs.erofs.bench;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import io.arcfs.erofs.write.InodeAttributes;
import io.arcfs.erofs.write.TreeSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a lookup and a getattr cost in a folder of 100,000. Run by it-tests/bench/erofs-jmh. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ImageReadBenchmark {
    private static final int NAMES = 100_000;

    /** Steps that visit every name in an order that caches do not guess. */
    private static final int STEP = 61_803;

    private final byte[][] names = new byte[NAMES][];
    private final long[] nids = new long[NAMES];
    private ErofsImage image;
    private int next;

    /** Writes the image to a file, so that it is read through a mapping as in use. */
    @Setup
    public void makeImage() throws IOException {
        Path file = Files.createTempFile("erofs-jmh", ".image");
        Files.delete(file);
        ImageWriter.write(
                new Flat(),
                new ImageOptions(new UUID(1, 2), "", 0, List.of()),
                file,
                Durability.CACHED);
        image = ErofsImage.open(file);
        Files.delete(file);
        for (int i = 0; i < NAMES; i++) {
            names[i] = name(i);
            nids[i] = image.lookup(image.rootNid(), names[i]);
        }
    }

    private int step() {
        next = (next + STEP) % NAMES;
        return next;
    }

    @Benchmark
    public long lookup() throws IOException {
        return image.lookup(image.rootNid(), names[step()]);
    }

    @Benchmark
    public Inode getattr() throws IOException {
        return image.inode(nids[step()]);
    }

    @Benchmark
    public Inode lookupAndGetattr() throws IOException {
        return image.inode(image.lookup(image.rootNid(), names[step()]));
    }

    private static byte[] name(int number) {
        return "file-%06d.bin".formatted(number).getBytes(StandardCharsets.UTF_8);
    }

    /** Empty files in one directory. */
    private static final class Flat implements TreeSource {
        @Override
        public long rootKey() {
            return -1;
        }

        @Override
        public void children(long directoryKey, ChildSink sink) throws IOException {
            for (int i = 0; i < NAMES; i++) {
                sink.child(name(i), i);
            }
        }

        @Override
        public InodeAttributes attributes(long key) {
            int mode = key < 0 ? 0x4000 | 0755 : 0x8000 | 0644;
            return new InodeAttributes(0, mode, 1, 1, 0, 0, 1_000_000 + key, 5);
        }

        @Override
        public List<Xattr> xattrs(long key) {
            return List.of();
        }

        @Override
        public byte[] symlinkTarget(long key) {
            throw new IllegalArgumentException("no symlink");
        }

        @Override
        public ChunkList chunks(long key) {
            throw new IllegalArgumentException("no data");
        }
    }
}
