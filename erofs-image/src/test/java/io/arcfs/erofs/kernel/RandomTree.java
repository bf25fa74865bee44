package io.arcfs.erofs.kernel;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.write.FileData;
import io.arcfs.erofs.write.MemoryTree;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A tree by its seed, with everything the writer has a form for, and what a mount of it is to show.
 * Bytes of files are on a device, in chunks of one of several sizes, or in the image. Names are
 * ASCII.
 */
final class RandomTree extends MemoryTree {
    static final long EPOCH = 1_700_000_000L;
    static final int DEVICE_BLOCKS = 4096;

    private static final long[] TIMES = {
        EPOCH, -1, 0, -2_208_988_800L, 4_294_967_296L, 13_569_465_600L, (1L << 34) + 5
    };

    private final Random random;
    private final int blockBits;
    private final byte[] device;
    private final Map<Long, byte[]> contents = new HashMap<>();
    private final Set<Long> within = new HashSet<>();
    private final List<Node> linkable = new ArrayList<>();
    private int left;

    RandomTree(long seed, int blockBits, byte[] device) {
        this.random = new Random(seed);
        this.blockBits = blockBits;
        this.device = device;
        this.left = 30 + random.nextInt(120);
        decorate(root);
        fill(root, 0);
    }

    private void fill(Node directory, int depth) {
        Set<String> names = new HashSet<>();
        for (int i = random.nextInt(depth == 0 ? 60 : 25); i >= 0 && left > 0; i--) {
            String name = name();
            if (!names.add(name)) {
                continue;
            }
            left--;
            switch (random.nextInt(12)) {
                case 0, 1 -> {
                    Node child = decorate(directory(directory, name));
                    if (depth < 6) {
                        fill(child, depth + 1);
                    }
                }
                case 2 -> decorate(symlink(directory, name, text(1 + random.nextInt(4095))));
                case 3 -> special(directory, name);
                case 4 -> {
                    if (!linkable.isEmpty()) {
                        link(directory, name, linkable.get(random.nextInt(linkable.size())));
                    }
                }
                case 5, 6, 7 -> within(directory, name);
                default -> chunked(directory, name);
            }
        }
    }

    /** Sorted in every way around "." and "..", of every length. */
    private String name() {
        String first = "!+-./0aZ~".charAt(random.nextInt(9)) + "";
        int length = random.nextInt(5) == 0 ? random.nextInt(255) : random.nextInt(6);
        String name = first.equals("/") ? "." : first;
        String full = name + text(length);
        return full.equals(".") || full.equals("..") ? "..." : full;
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append("-.azAZ09".charAt(random.nextInt(8)));
        }
        return text.toString();
    }

    private void special(Node directory, String name) {
        int[] types = {0x1000, 0x2000, 0x6000, 0xC000};
        Node node = decorate(node(types[random.nextInt(4)] | 0600));
        int type = node.mode & 0xF000;
        if (type == 0x2000 || type == 0x6000) {
            // As st_rdev of 32 bits: minor 0 to 7, major, rest of the minor.
            node.rdev = 1 + random.nextInt(Integer.MAX_VALUE);
        }
        linkable.add(link(directory, name, node));
    }

    private void within(Node directory, String name) {
        int size = random.nextInt(3) == 0 ? random.nextInt(40_000) : random.nextInt(3000);
        byte[] content = new byte[size];
        random.nextBytes(content);
        Node file = decorate(file(directory, name, size, 0));
        contents.put(file.key, content);
        within.add(file.key);
        linkable.add(file);
    }

    private void chunked(Node directory, String name) {
        int bits = blockBits + random.nextInt(5);
        int size = random.nextInt(4 << bits);
        Node file = decorate(file(directory, name, size, 0));
        byte[] content = new byte[size];
        long[] blocks = new long[size == 0 ? 0 : ((size - 1) >> bits) + 1];
        for (int i = 0; i < blocks.length; i++) {
            int from = i << bits;
            int length = Math.min(1 << bits, size - from);
            int needed = ((length - 1) >> blockBits) + 1;
            int most = (device.length >> blockBits) - needed;
            blocks[i] = random.nextInt(3) == 0 || most < 0 ? ChunkList.HOLE : random.nextInt(most);
            if (blocks[i] != ChunkList.HOLE) {
                System.arraycopy(device, (int) blocks[i] << blockBits, content, from, length);
            }
        }
        boolean hasData = Arrays.stream(blocks).anyMatch(block -> block != ChunkList.HOLE);
        file.chunks = new ChunkList(bits, hasData ? 1 : 0, blocks);
        contents.put(file.key, content);
        linkable.add(file);
    }

    private Node decorate(Node node) {
        int type = node.mode & 0xF000;
        if (type != 0xA000) {
            node.mode = type | random.nextInt(010000);
        }
        node.uid = random.nextInt(3) == 0 ? random.nextLong(0xFFFF_FFFFL) : random.nextInt(70_000);
        node.gid = random.nextInt(70_000);
        if (random.nextBoolean()) {
            node.mtimeSeconds = EPOCH;
        } else {
            node.mtimeSeconds = TIMES[random.nextInt(TIMES.length)];
            node.mtimeNanos = random.nextInt(1_000_000_000);
        }
        for (int i = random.nextInt(4); i > 0 && random.nextBoolean(); i--) {
            String prefix =
                    new String[] {"trusted.", "trusted.overlay.", "security."}[random.nextInt(3)];
            if (type == 0x8000 || type == 0x4000) {
                prefix = random.nextBoolean() ? "user." : prefix;
            }
            boolean common = random.nextBoolean();
            int length = random.nextInt(20) == 0 ? 9000 : 30;
            node.xattr(
                    prefix + (common ? "common" + i : text(1 + random.nextInt(200))),
                    common ? "value" + random.nextInt(2) : text(random.nextInt(length)));
        }
        return node;
    }

    @Override
    public FileData data(long key) throws IOException {
        if (!within.contains(key)) {
            return super.data(key);
        }
        byte[] content = Objects.requireNonNull(contents.get(key));
        return new FileData.Within((offset, target) ->
                MemorySegment.copy(
                        content,
                        (int) offset,
                        target,
                        ValueLayout.JAVA_BYTE,
                        0,
                        (int) target.byteSize()));
    }

    /** What is to be seen, in the words of {@link WholeListing}. */
    Map<String, String> shown() {
        Map<Node, Integer> links = new HashMap<>();
        Map<String, Node> paths = new TreeMap<>();
        Deque<Map.Entry<String, Node>> open = new ArrayDeque<>();
        open.add(Map.entry("/", root));
        links.put(root, 2);
        while (!open.isEmpty()) {
            Map.Entry<String, Node> place = open.pop();
            Node node = place.getValue();
            paths.put(place.getKey(), node);
            for (Map.Entry<byte[], Node> child : node.children) {
                String prefix = place.getKey().equals("/") ? "/" : place.getKey() + "/";
                String name = new String(child.getKey(), StandardCharsets.UTF_8);
                open.add(Map.entry(prefix + name, child.getValue()));
                boolean isDirectory = (child.getValue().mode & 0xF000) == 0x4000;
                links.merge(isDirectory ? node : child.getValue(), 1, Integer::sum);
                if (isDirectory) {
                    links.merge(child.getValue(), 2, Integer::sum);
                }
            }
        }
        Map<String, String> shown = new TreeMap<>();
        Map<Node, String> first = new HashMap<>();
        paths.forEach((path, node) -> {
            first.putIfAbsent(node, path);
            shown.put(path, describe(node, links.getOrDefault(node, 0), first.get(node)));
        });
        return shown;
    }

    private String describe(Node node, int links, String firstPath) {
        int type = node.mode & 0xF000;
        Map<String, String> xattrs = new TreeMap<>();
        node.xattrs.forEach(
                (name, value) -> xattrs.put(name, Base64.getEncoder().encodeToString(value)));
        return WholeListing.line(
                node.mode,
                node.uid,
                node.gid,
                node.mtimeSeconds,
                node.mtimeNanos,
                links,
                firstPath,
                switch (type) {
                    case 0x8000 ->
                            WholeListing.content(Objects.requireNonNull(contents.get(node.key)));
                    case 0xA000 -> "->" + new String(node.target, StandardCharsets.UTF_8);
                    case 0x2000, 0x6000 -> WholeListing.rdev(node.rdev);
                    default -> "";
                },
                xattrs);
    }
}
