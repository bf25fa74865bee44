package io.arcfs.erofs.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.kernel.Capability;
import io.arcfs.erofs.kernel.ImageAsMounted;
import io.arcfs.erofs.kernel.KernelMounts;
import io.arcfs.erofs.kernel.MountListing;
import io.arcfs.erofs.write.ImageOptions;
import io.arcfs.erofs.write.ImageWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Edit histories on a kernel overlay with {@code redirect_dir=on}: each round's upper becomes an
 * image of mkfs.erofs and the next round's lower. All of them merged by us are what the user saw,
 * with the bytes.
 */
@Tag("root")
class KernelMadeLayersTest {
    private static final long SEED = Long.getLong("arcfs.seed", 20_261_121L);
    private static final int ROUNDS = 5;
    private static final int OPERATIONS = 40;

    @TempDir Path directory;

    /** How many random histories. */
    int histories() {
        return Integer.getInteger("arcfs.merge.histories", 4);
    }

    /** Seed of the first. */
    long firstSeed() {
        return SEED;
    }

    private final Set<String> marks = new HashSet<>();
    private int serial;

    @Test
    void mergedHistoryIsWhatTheUserSaw() throws IOException {
        Capability.require(
                Capability.LOOP, Capability.EROFS, Capability.OVERLAYFS, Capability.MKFS);
        for (int i = 0; i < histories(); i++) {
            history(firstSeed() + i);
        }
        assertThat(marks).contains("trusted.overlay.redirect", "trusted.overlay.opaque");
    }

    private void history(long seed) throws IOException {
        Random random = new Random(seed);
        Path work = Files.createDirectory(directory.resolve("history" + seed));
        List<ErofsImage> images = new ArrayList<>();
        List<Path> blobs = new ArrayList<>();
        Map<String, String> seen = new TreeMap<>();
        try (KernelMounts mounts = new KernelMounts(work)) {
            List<Path> lowers = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                Path upper = Files.createDirectory(work.resolve("upper" + round));
                if (round == 0) {
                    edit(upper, random);
                } else {
                    Path scratch = Files.createDirectory(work.resolve("scratch" + round));
                    Path merged = overlay(mounts, lowers, upper, scratch);
                    edit(merged, random);
                    seen = withContents(merged);
                    mounts.unmountLast();
                }
                Path meta = work.resolve("meta" + round);
                Path blob = work.resolve("blob" + round);
                KernelMounts.run(
                        "mkfs.erofs",
                        "--chunksize=4096",
                        "--blobdev=" + blob,
                        meta.toString(),
                        upper.toString());
                // Older makers end the blob where its last file ends.
                pad(blob);
                images.add(ErofsImage.open(meta));
                noteMarks(images.getLast(), images.getLast().rootNid());
                blobs.add(blob);
                lowers.add(mounts.erofs(meta, List.of(blob)));
            }
            Path file = work.resolve("merged");
            MergedTree tree = MergedTree.of(images, MergeMode.BOTTOM);
            ImageWriter.write(
                    tree, new ImageOptions(new UUID(0, 1), "", 0, tree.deviceSlots()), file);
            assertThat(withContents(mounts.erofs(file, blobs)))
                    .as("seed %d", seed)
                    .containsExactlyEntriesOf(seen);
            assertThat(ImageAsMounted.of(ErofsImage.open(file)).keySet()).isEqualTo(seen.keySet());
        }
    }

    private void noteMarks(ErofsImage image, long directory) throws IOException {
        for (Xattr xattr : image.xattrs(directory)) {
            marks.add(new String(xattr.name(), StandardCharsets.UTF_8));
        }
        image.list(
                directory,
                (_, nid, _) -> {
                    if (image.inode(nid).isDirectory()) {
                        noteMarks(image, nid);
                    }
                });
    }

    private static Path overlay(
            KernelMounts mounts, List<Path> oldestFirst, Path upper, Path scratch)
            throws IOException {
        List<String> lowers = new ArrayList<>();
        oldestFirst.forEach(lower -> lowers.addFirst(lower.toString()));
        return mounts.mount(
                "overlay",
                "overlay",
                "redirect_dir=on,lowerdir=%s,upperdir=%s,workdir=%s"
                        .formatted(String.join(":", lowers), upper, scratch));
    }

    /** Random operations; those that make no sense where they fall are left out. */
    private void edit(Path root, Random random) throws IOException {
        for (int i = 0; i < OPERATIONS; i++) {
            List<Path> all = tree(root);
            List<Path> directories = new ArrayList<>(all);
            directories.removeIf(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
            Path target =
                    directories
                            .get(random.nextInt(directories.size()))
                            .resolve("abcdef".substring(random.nextInt(6)).substring(0, 1));
            Path source = all.get(random.nextInt(all.size()));
            boolean free = !Files.exists(target, LinkOption.NOFOLLOW_LINKS);
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> {
                    if (free) {
                        Files.createDirectory(target);
                    }
                }
                case 3, 4 -> {
                    if (free) {
                        Files.writeString(target, "content " + ++serial);
                    }
                }
                case 5 -> {
                    if (free) {
                        Files.createSymbolicLink(target, Path.of("to" + ++serial));
                    }
                }
                case 6 -> {
                    if (!source.equals(root) && random.nextInt(3) == 0) {
                        for (Path path : tree(source).reversed()) {
                            Files.delete(path);
                        }
                    }
                }
                case 7, 8 -> {
                    if (free && !source.equals(root) && !target.startsWith(source)) {
                        Files.move(source, target);
                    }
                }
                default -> {
                    if (!Files.isSymbolicLink(source)) {
                        Files.getFileAttributeView(source, UserDefinedFileAttributeView.class)
                                .write(
                                        "n",
                                        ByteBuffer.wrap(
                                                ("" + ++serial).getBytes(StandardCharsets.UTF_8)));
                    }
                }
            }
        }
    }

    /** A directory before what is in it. */
    private static List<Path> tree(Path root) throws IOException {
        try (Stream<Path> walk = Files.walk(root)) {
            return walk.sorted().toList();
        }
    }

    private static Map<String, String> withContents(Path root) throws IOException {
        Map<String, String> listing = MountListing.of(root);
        Set<Path> files = new HashSet<>(tree(root));
        files.removeIf(path -> !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
        for (Path file : files) {
            listing.merge(
                    "/" + root.relativize(file), " " + Files.readString(file), String::concat);
        }
        return listing;
    }

    private static void pad(Path blob) throws IOException {
        long size = Math.max(1, Files.size(blob)); // a round without data; a loop device needs some
        KernelMounts.run("truncate", "--size=" + ((size + 4095) & -4096), blob.toString());
    }
}
