package io.arcfs.erofs.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.erofs.Corpus;
import io.arcfs.erofs.DeviceReader;
import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.UnsupportedImageException;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.check.ImageChecker;
import io.arcfs.erofs.write.Durability;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the mkfs.erofs of this machine makes of random trees, on the spot and in each of its forms,
 * read by us: all of it is the source's.
 */
@Tag("root")
class MkfsImagesTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);
    private static final int TREES = 4;

    @TempDir(factory = InMemory.class)
    Path directory;

    private byte[] bytes = {};

    @BeforeEach
    void makeDevice() throws IOException {
        Capability.require(Capability.LOOP, Capability.EROFS, Capability.MKFS);
        bytes = new byte[RandomTree.DEVICE_BLOCKS << 10];
        new Random(SEED).nextBytes(bytes);
        Files.write(directory.resolve("device"), bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-Enoinline_data",
                "-x1",
                "-x-1",
                "--chunksize=4096 --blobdev=BLOB",
                "--chunksize=65536 --blobdev=BLOB",
                "-Eforce-inode-extended"
            })
    void weReadWhatItMakes(String options) throws IOException {
        for (long seed = SEED; seed < SEED + TREES; seed++) {
            RandomTree tree = new RandomTree(seed, 12, bytes);
            Path image = directory.resolve("made" + seed);
            Path blob = directory.resolve("blob" + seed);
            try (KernelMounts mounts = new KernelMounts(directory)) {
                make(image, mounted(mounts, tree, seed), options.replace("BLOB", blob.toString()));
            }
            ErofsImage read = ErofsImage.open(image);
            List<byte[]> devices =
                    options.contains("BLOB") ? List.of(Files.readAllBytes(blob)) : List.of();
            Map<String, String> wanted = tree.shown();
            if (options.equals("-x-1")) {
                wanted = withoutXattrs(wanted);
            }
            assertThat(WholeListing.differences(shown(read, Corpus.devices(devices)), wanted))
                    .as("mkfs.erofs %s, seed %d", options, seed)
                    .isEmpty();
            assertThat(ImageChecker.check(read, List.of())).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void compressedFilesAreRefusedAloneAndTheRestIsRead() throws IOException {
        Path source = Files.createDirectory(directory.resolve("source"));
        Files.writeString(source.resolve("text"), "compressible ".repeat(10_000));
        Files.write(source.resolve("small"), Arrays.copyOf(bytes, 100));
        Path image = directory.resolve("compressed");
        make(image, source, "-zlz4hc");
        ErofsImage read = ErofsImage.open(image);
        long text = read.lookup(read.rootNid(), "text".getBytes(StandardCharsets.UTF_8));
        byte[] target = new byte[100];
        assertThatThrownBy(() ->
                        read.read(
                                text, 0, MemorySegment.ofArray(target), Corpus.devices(List.of())))
                .isInstanceOf(UnsupportedImageException.class)
                .hasMessageContaining("compressed");
        long small = read.lookup(read.rootNid(), "small".getBytes(StandardCharsets.UTF_8));
        read.readInner(small, 0, MemorySegment.ofArray(target));
        assertThat(target).isEqualTo(Arrays.copyOf(bytes, 100));
    }

    private Path mounted(KernelMounts mounts, RandomTree tree, long seed) throws IOException {
        Path ours = directory.resolve("ours" + seed);
        Files.deleteIfExists(ours);
        ImageWriter.write(
                tree,
                new ImageOptions(
                        new UUID(1, seed),
                        "",
                        RandomTree.EPOCH,
                        List.of(DeviceSlot.of("device", bytes.length / 4096))),
                ours,
                Durability.CACHED);
        return mounts.erofs(ours, List.of(directory.resolve("device")));
    }

    private static void make(Path image, Path source, String options) throws IOException {
        List<String> command = new ArrayList<>(List.of("mkfs.erofs", "--quiet"));
        if (!options.isEmpty()) {
            command.addAll(List.of(options.split(" ")));
        }
        command.add(image.toString());
        command.add(source.toString());
        KernelMounts.run(command.toArray(String[]::new));
    }

    private static Map<String, String> withoutXattrs(Map<String, String> shown) {
        Map<String, String> without = new TreeMap<>();
        shown.forEach((path, line) -> without.put(path, line.replaceAll(" \\{.*\\}$", " {}")));
        return without;
    }

    /** An image by our reader, in the words of {@link WholeListing}. */
    private static Map<String, String> shown(ErofsImage image, DeviceReader devices)
            throws IOException {
        Map<String, Long> paths = new TreeMap<>();
        Deque<Map.Entry<String, Long>> open = new ArrayDeque<>();
        open.add(Map.entry("/", image.rootNid()));
        while (!open.isEmpty()) {
            Map.Entry<String, Long> place = open.pop();
            paths.put(place.getKey(), place.getValue());
            if (image.inode(place.getValue()).isDirectory()) {
                String prefix = place.getKey().equals("/") ? "/" : place.getKey() + "/";
                image.list(
                        place.getValue(),
                        (name, nid, _) ->
                                open.add(
                                        Map.entry(
                                                prefix + new String(name, StandardCharsets.UTF_8),
                                                nid)));
            }
        }
        Map<Long, String> first = new HashMap<>();
        Map<String, String> shown = new TreeMap<>();
        for (Map.Entry<String, Long> entry : paths.entrySet()) {
            Inode inode = image.inode(entry.getValue());
            first.putIfAbsent(inode.nid(), entry.getKey());
            Map<String, String> xattrs = new TreeMap<>();
            for (Xattr xattr : image.xattrs(inode.nid())) {
                xattrs.put(
                        new String(xattr.name(), StandardCharsets.UTF_8),
                        Base64.getEncoder().encodeToString(xattr.value()));
            }
            shown.put(
                    entry.getKey(),
                    WholeListing.line(
                            inode.mode(),
                            inode.uid(),
                            inode.gid(),
                            inode.mtimeSeconds(),
                            inode.mtimeNanos(),
                            (int) inode.nlink(),
                            String.valueOf(first.get(inode.nid())),
                            body(image, inode, devices),
                            xattrs));
        }
        return shown;
    }

    private static String body(ErofsImage image, Inode inode, DeviceReader devices)
            throws IOException {
        return switch (inode.mode() & 0xF000) {
            case 0x8000 -> {
                byte[] content = new byte[(int) inode.size()];
                MemorySegment target = MemorySegment.ofArray(content);
                assertThat(image.read(inode.nid(), 0, target, devices)).isEqualTo(content.length);
                yield WholeListing.content(content);
            }
            case 0xA000 ->
                    "->" + new String(image.symlinkTarget(inode.nid()), StandardCharsets.UTF_8);
            case 0x2000, 0x6000 -> WholeListing.rdev(inode.rdev());
            default -> "";
        };
    }
}
