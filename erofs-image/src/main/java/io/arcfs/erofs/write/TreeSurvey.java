package io.arcfs.erofs.write;

import io.arcfs.erofs.ChunkList;

import io.arcfs.erofs.DeviceSlot;
import io.arcfs.erofs.layout.ChunkIndexLayout;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first pass: walks the tree breadth first, checks that all of it can be stored, and measures
 * every inode, so that places can be given before anything is written. Inodes are numbered in the
 * order in which sorted names meet them, so the source's order and keys leave no trace in the
 * image. Confined to one thread.
 */
final class TreeSurvey {
    private static final long UNSIGNED_32_MAX = 0xFFFF_FFFFL;
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    final InodeTable inodes = new InodeTable();
    final NamePool names = new NamePool();

    /** Rows of all names' inodes; a directory's stand in a row, in order of its names. */
    int[] children = new int[64];

    int nameCount;

    private final TreeSource source;
    private final List<DeviceSlot> devices;
    private final KeyIndex rows = new KeyIndex();
    private final DirentPacker measure = new DirentPacker((_, _) -> {});

    private TreeSurvey(TreeSource source, List<DeviceSlot> devices) {
        this.source = source;
        this.devices = devices;
    }

    static TreeSurvey of(TreeSource source, List<DeviceSlot> devices) throws IOException {
        TreeSurvey survey = new TreeSurvey(source, devices);
        long root = source.rootKey();
        survey.addInode(survey.rows.indexOf(root, 0), root, "/");
        if (survey.inodes.type[0] != DirentLayout.TYPE_DIRECTORY) {
            throw new UnwritableTreeException("the root is no directory");
        }
        for (int row = 0; row < survey.inodes.rows; row++) {
            if (survey.inodes.type[row] == DirentLayout.TYPE_DIRECTORY) {
                survey.addChildren(row);
            }
        }
        return survey;
    }

    /** Offers a directory's dirents in order, "." and ".." where they belong in it. */
    void dirents(int row, DirentPacker packer, NidOfRow nids) throws IOException {
        NamePool.Reader reader = names.from(inodes.firstName[row]);
        int dots = 0;
        for (int i = 0; i < inodes.childCount[row]; i++) {
            byte[] name = reader.next();
            dots = dots(row, packer, nids, dots, name);
            int child = children[inodes.firstChild[row] + i];
            packer.add(name, nids.nid(child), inodes.type[child]);
        }
        dots(row, packer, nids, dots, null);
    }

    private int dots(
            int row, DirentPacker packer, NidOfRow nids, int given, byte @Nullable [] before)
            throws IOException {
        if (given == 0 && (before == null || Arrays.compareUnsigned(DOT, before) < 0)) {
            packer.add(DOT, nids.nid(row), (byte) DirentLayout.TYPE_DIRECTORY);
            given = 1;
        }
        if (given == 1 && (before == null || Arrays.compareUnsigned(DOT_DOT, before) < 0)) {
            packer.add(DOT_DOT, nids.nid(inodes.parent[row]), (byte) DirentLayout.TYPE_DIRECTORY);
            given = 2;
        }
        return given;
    }

    private void addChildren(int row) throws IOException {
        List<Child> found = new ArrayList<>();
        source.children(inodes.key[row], (name, key) -> found.add(new Child(checked(name), key)));
        Child[] sorted = found.toArray(new Child[0]);
        Arrays.sort(sorted);
        inodes.firstChild[row] = nameCount;
        inodes.childCount[row] = sorted.length;
        byte[] previous = {};
        for (int i = 0; i < sorted.length; i++) {
            Child child = sorted[i];
            if (Arrays.equals(previous, child.name)) {
                throw new UnwritableTreeException(
                        "name " + shown(child.name) + " twice in a directory");
            }
            previous = child.name;
            long at = names.add(child.name);
            if (i == 0) {
                inodes.firstName[row] = at;
            }
            link(row, child);
        }
        dirents(row, measure, _ -> 0);
        inodes.size[row] = measure.finish();
    }

    private void link(int parent, Child child) throws IOException {
        int row = rows.indexOf(child.key, inodes.rows);
        boolean known = row < inodes.rows;
        if (!known) {
            addInode(row, child.key, shown(child.name));
        }
        if (inodes.type[row] == DirentLayout.TYPE_DIRECTORY) {
            if (known) {
                throw new UnwritableTreeException(
                        "directory " + shown(child.name) + " has two names");
            }
            inodes.parent[row] = parent;
            inodes.links[parent]++;
        } else {
            inodes.links[row]++;
        }
        if (nameCount == children.length) {
            children = Arrays.copyOf(children, nameCount + (nameCount >> 1));
        }
        children[nameCount++] = row;
    }

    private void addInode(int expectedRow, long key, String name) throws IOException {
        InodeAttributes attributes = source.attributes(key);
        check(attributes, name);
        int row = inodes.add();
        if (row != expectedRow) {
            throw new IllegalStateException("row " + row + " instead of " + expectedRow);
        }
        inodes.key[row] = key;
        inodes.type[row] = (byte) DirentLayout.typeOfMode(attributes.mode());
        try {
            inodes.xattrBytes[row] = XattrEncoder.measure(source.xattrs(key));
        } catch (UnwritableTreeException e) {
            throw new UnwritableTreeException(name + ": " + e.getMessage());
        }
        switch (inodes.type[row]) {
            case DirentLayout.TYPE_DIRECTORY -> inodes.links[row] = 2;
            case DirentLayout.TYPE_SYMLINK -> {
                if (attributes.size() < 1 || attributes.size() > InodeFormat.SYMLINK_MAX) {
                    throw new UnwritableTreeException(
                            name + ": a symlink's target of " + attributes.size() + " bytes");
                }
                inodes.size[row] = attributes.size();
            }
            case DirentLayout.TYPE_REGULAR -> {
                inodes.size[row] = attributes.size();
                if (attributes.size() > 0) {
                    inodes.layout[row] = InodeFormat.CHUNK_BASED;
                    inodes.mapBytes[row] = mapBytes(source.chunks(key), attributes.size(), name);
                }
            }
            default -> {}
        }
    }

    private static void check(InodeAttributes attributes, String name)
            throws UnwritableTreeException {
        if (DirentLayout.typeOfMode(attributes.mode()) == DirentLayout.TYPE_UNKNOWN
                || attributes.mode() >>> 16 != 0) {
            throw new UnwritableTreeException("%s: mode 0%o".formatted(name, attributes.mode()));
        }
        checkUnsigned32("inode number", attributes.inode(), name);
        checkUnsigned32("owner", attributes.uid(), name);
        checkUnsigned32("group", attributes.gid(), name);
        if (attributes.mtimeNanos() < 0 || attributes.mtimeNanos() > 999_999_999) {
            throw new UnwritableTreeException(
                    name + ": " + attributes.mtimeNanos() + " nanoseconds");
        }
        if (attributes.size() < 0) {
            throw new UnwritableTreeException(name + ": size " + attributes.size());
        }
    }

    private static void checkUnsigned32(String what, long value, String name)
            throws UnwritableTreeException {
        if (value < 0 || value > UNSIGNED_32_MAX) {
            throw new UnwritableTreeException(name + ": " + what + " " + value);
        }
    }

    /** Length of a file's chunk map, all addresses of which are within their device. */
    private int mapBytes(ChunkList chunks, long size, String name) throws UnwritableTreeException {
        int bits = chunks.chunkBits();
        if (bits < ImageWriter.BLOCK_BITS
                || bits > ImageWriter.BLOCK_BITS + ChunkIndexLayout.FORMAT_BLKBITS_MASK) {
            throw new UnwritableTreeException(name + ": chunks of 2^" + bits + " bytes");
        }
        long[] blocks = chunks.blocks();
        if (blocks.length != ((size - 1) >> bits) + 1) {
            throw new UnwritableTreeException(
                    "%s: %d chunks of 2^%d bytes for %d bytes"
                            .formatted(name, blocks.length, bits, size));
        }
        for (int i = 0; i < blocks.length; i++) {
            if (blocks[i] == ChunkList.HOLE) {
                continue;
            }
            if (chunks.deviceId() < 1 || chunks.deviceId() > devices.size()) {
                throw new UnwritableTreeException(
                        name + ": device " + chunks.deviceId() + " of " + devices.size());
            }
            long rest = Math.min(size - ((long) i << bits), 1L << bits);
            long needed = ((rest - 1) >> ImageWriter.BLOCK_BITS) + 1;
            long deviceBlocks = devices.get(chunks.deviceId() - 1).blocks();
            if (blocks[i] < 0
                    || (deviceBlocks > 0 && blocks[i] > deviceBlocks - needed)
                    || blocks[i] >= ChunkIndexLayout.NULL_ADDRESS_32) {
                throw new UnwritableTreeException(
                        "%s: chunk at block %d of a device of %d"
                                .formatted(name, blocks[i], deviceBlocks));
            }
        }
        if (blocks.length > Integer.MAX_VALUE / ChunkIndexLayout.SIZE) {
            throw new UnwritableTreeException(name + ": " + blocks.length + " chunks");
        }
        return blocks.length * ChunkIndexLayout.SIZE;
    }

    private static byte[] checked(byte[] name) throws UnwritableTreeException {
        boolean dot = name.length > 0 && name[0] == '.';
        if (name.length == 0
                || name.length > DirentLayout.NAME_MAX
                || (dot && (name.length == 1 || (name.length == 2 && name[1] == '.')))) {
            throw new UnwritableTreeException(
                    "a name of " + name.length + " bytes: " + shown(name));
        }
        for (byte b : name) {
            if (b == 0 || b == '/') {
                throw new UnwritableTreeException("name " + shown(name) + " has '/' or NUL");
            }
        }
        return name;
    }

    private static String shown(byte[] name) {
        return "\"" + new String(name, StandardCharsets.UTF_8) + "\"";
    }

    private record Child(byte[] name, long key) implements Comparable<Child> {
        @Override
        public int compareTo(Child other) {
            return Arrays.compareUnsigned(name, other.name);
        }
    }

    /** The nid of an inode's row. */
    @FunctionalInterface
    interface NidOfRow {
        long nid(int row);
    }
}
