package io.arcfs.it.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Random changes to a {@link Twin}, biased to what layers get wrong: few names that come back as
 * something else, renamed folders, link sets that change, removed folders made anew. Equal seeds
 * make equal histories.
 */
public final class EditHistory {
    private static final String[] NAMES = {"a", "b", "c", "d", "e", "ü f", ".wh.g"};
    private static final String[] MODES = {"rw-r--r--", "rwx------", "rw-rw-rw-", "r-xr-xr-x"};
    private static final int DEPTH = 4;
    private static final int FEW = 15;

    private final Twin twin;
    private final Random random;
    private final List<String> log = new ArrayList<>();

    public EditHistory(Twin twin, long seed) {
        this.twin = twin;
        this.random = new Random(seed);
    }

    /** Every change made so far, to tell what led to a failure. */
    public List<String> log() {
        return log;
    }

    public void makeChanges(int count) throws IOException {
        int made = 0;
        for (int tries = 0; made < count && tries < count * 50; tries++) {
            if (makeOne()) {
                made++;
            }
        }
    }

    private boolean makeOne() throws IOException {
        // A small tree grows first, else the removals win and nothing is left to get wrong.
        boolean small = paths(_ -> true).size() < FEW;
        return switch (random.nextInt(small ? 7 : 20)) {
            case 0, 1, 2 -> newFile();
            case 3, 4 -> newDirectory();
            case 5, 6 -> appendToFile();
            case 7 -> rewriteFile();
            case 8, 9 -> deleteFile();
            case 10 -> deleteTree();
            case 11, 12, 13 -> renameDirectory();
            case 14 -> renameFile();
            case 15 -> linkFile();
            case 16 -> symlinkOrFifo();
            case 17 -> changeAttributes();
            case 18 -> deleteTreeAndMakeItAnew();
            default -> renameTwiceAndMakeAnew();
        };
    }

    private boolean newFile() throws IOException {
        String path = freeName();
        // Now and then more than a chunk of 4 MiB.
        int size = random.nextInt(25) == 0 ? (5 << 20) + 3 : random.nextInt(12_000);
        if (path.isEmpty()) {
            return false;
        }
        twin.write(path, Twin.content(random, size));
        return said("write", path, "(", size, "bytes)");
    }

    private boolean newDirectory() throws IOException {
        String path = freeName();
        if (path.isEmpty() || depth(path) >= DEPTH) {
            return false;
        }
        twin.makeDirectory(path);
        return said("mkdir", path);
    }

    private boolean appendToFile() throws IOException {
        String path = any(files());
        if (path.isEmpty()) {
            return false;
        }
        int size = 1 + random.nextInt(6000);
        twin.append(path, Twin.content(random, size));
        return said("append", path, "(", size, "bytes)");
    }

    private boolean rewriteFile() throws IOException {
        String path = any(files());
        if (path.isEmpty()) {
            return false;
        }
        int size = random.nextInt(6000);
        twin.write(path, Twin.content(random, size));
        return said("truncate and write", path, "(", size, "bytes)");
    }

    private boolean deleteFile() throws IOException {
        String path = any(nonDirectories());
        if (path.isEmpty()) {
            return false;
        }
        twin.delete(path);
        return said("rm", path);
    }

    private boolean deleteTree() throws IOException {
        String path = any(directories());
        if (path.isEmpty()) {
            return false;
        }
        twin.deleteTree(path);
        return said("rm -r", path);
    }

    private boolean renameDirectory() throws IOException {
        String from = any(directories());
        String to = freeName();
        if (from.isEmpty()
                || to.isEmpty()
                || (to + "/").startsWith(from + "/")
                || depth(to) + heightOf(from) > DEPTH + 2) {
            return false;
        }
        twin.rename(from, to);
        return said("mv", from, to, "(directory)");
    }

    private boolean renameFile() throws IOException {
        String from = any(nonDirectories());
        // Half of the time over another file.
        String to = random.nextBoolean() ? freeName() : any(nonDirectories());
        if (from.isEmpty() || to.isEmpty() || from.equals(to)) {
            return false;
        }
        twin.rename(from, to);
        return said("mv", from, to);
    }

    private boolean linkFile() throws IOException {
        String existing = any(files());
        String name = freeName();
        if (existing.isEmpty() || name.isEmpty()) {
            return false;
        }
        twin.link(existing, name);
        return said("ln", existing, name);
    }

    private boolean symlinkOrFifo() throws IOException {
        String name = freeName();
        if (name.isEmpty()) {
            return false;
        }
        if (random.nextInt(3) == 0) {
            twin.makeFifo(name);
            return said("mkfifo", name);
        }
        String target = random.nextBoolean() ? "../" + any(files()) : "dangling";
        twin.symlink(name, target);
        return said("ln -s", target, name);
    }

    private boolean changeAttributes() throws IOException {
        List<String> candidates = files();
        candidates.addAll(directories());
        String path = any(candidates);
        if (path.isEmpty()) {
            return false;
        }
        String mode = MODES[random.nextInt(MODES.length)];
        int owner = random.nextInt(70_000);
        switch (random.nextInt(3)) {
            case 0 -> twin.chmod(path, mode);
            case 1 -> twin.chown(path, owner, owner + 1);
            default -> twin.setXattr(path, "seen", mode + owner);
        }
        return said("chmod, chown or setfattr", path);
    }

    private boolean deleteTreeAndMakeItAnew() throws IOException {
        String path = any(directories());
        if (path.isEmpty()) {
            return false;
        }
        twin.deleteTree(path);
        twin.makeDirectory(path);
        String child = path + "/" + NAMES[random.nextInt(NAMES.length)];
        twin.write(child, Twin.content(random, 100));
        return said("rm -r", path, "; mkdir", path, "; write", child);
    }

    /** The case of DESIGN section 3: mv a b; mv b c in one round, and a is made again. */
    private boolean renameTwiceAndMakeAnew() throws IOException {
        String from = any(directories());
        String first = freeName();
        String second = freeName();
        if (from.isEmpty()
                || first.isEmpty()
                || second.isEmpty()
                || first.equals(second)
                || (first + "/").startsWith(from + "/")
                || (second + "/").startsWith(from + "/")
                || depth(first) + heightOf(from) > DEPTH + 2
                || depth(second) + heightOf(from) > DEPTH + 2) {
            return false;
        }
        twin.rename(from, first);
        twin.rename(first, second);
        twin.makeDirectory(from);
        return said("mv", from, first, "; mv", first, second, "; mkdir", from);
    }

    private boolean said(Object... words) {
        log.add(Stream.of(words).map(String::valueOf).collect(Collectors.joining(" ")));
        return true;
    }

    private String freeName() throws IOException {
        List<String> parents = directories();
        parents.add("");
        String parent = any(parents);
        String name = NAMES[random.nextInt(NAMES.length)];
        String path = parent.isEmpty() ? name : parent + "/" + name;
        boolean free = !Files.exists(twin.mirror().resolve(path), LinkOption.NOFOLLOW_LINKS);
        return free && depth(path) <= DEPTH ? path : "";
    }

    private String any(List<String> paths) {
        return paths.isEmpty() ? "" : paths.get(random.nextInt(paths.size()));
    }

    private static int depth(String path) {
        return Path.of(path).getNameCount();
    }

    private int heightOf(String directory) throws IOException {
        Path top = twin.mirror().resolve(directory);
        try (Stream<Path> walk = Files.walk(top)) {
            return walk.mapToInt(path -> top.relativize(path).getNameCount()).max().orElse(0);
        }
    }

    private List<String> files() throws IOException {
        return paths(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS));
    }

    private List<String> directories() throws IOException {
        return paths(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
    }

    private List<String> nonDirectories() throws IOException {
        return paths(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
    }

    private List<String> paths(java.util.function.Predicate<Path> wanted) throws IOException {
        try (Stream<Path> walk = Files.walk(twin.mirror())) {
            return new ArrayList<>(
                    walk.filter(path -> !path.equals(twin.mirror()))
                            .filter(wanted)
                            .map(path -> twin.mirror().relativize(path).toString())
                            .sorted()
                            .toList());
        }
    }
}
