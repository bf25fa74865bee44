package io.arcfs.overlay;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FileSystem.RenameMode;
import io.arcfs.overlay.ModelTree.Item;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Folders that are renamed round after round, over others and with each other, while the rounds'
 * images are merged at every point where they can be split.
 */
final class RenameChainTest {
    private static final int ROUNDS = 3;
    private static final int RENAMES = 5;
    private static final List<String> NAMES = List.of("a", "b", "c");

    @TempDir Path directory;

    private final List<List<String[]>> script = new ArrayList<>();
    private ModelTree model = new ModelTree();

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void foldersKeepWhatTheyHold(long seed) throws Exception {
        writeScript(new Random(seed));
        for (int splits = 0; splits < 1 << ROUNDS; splits++) {
            for (boolean newestFirst : new boolean[] {false, true}) {
                play(
                        "seed %d splits %s".formatted(seed, Integer.toBinaryString(splits)),
                        splits,
                        newestFirst);
            }
        }
    }

    /** Chooses renames that the model lets happen. */
    private void writeScript(Random random) {
        buildBase();
        for (int round = 0; round < ROUNDS; round++) {
            List<String[]> moves = new ArrayList<>();
            while (moves.size() < RENAMES) {
                List<String> folders = folders();
                String from = folders.get(random.nextInt(folders.size()));
                String to = folders.get(random.nextInt(folders.size()));
                RenameMode mode = random.nextInt(3) == 0 ? RenameMode.EXCHANGE : RenameMode.REPLACE;
                if (mode == RenameMode.REPLACE) {
                    boolean inside = random.nextBoolean();
                    String name = NAMES.get(random.nextInt(NAMES.size()));
                    to = (inside ? to : to.substring(0, to.lastIndexOf('/'))) + "/" + name;
                }
                if (!from.equals(to) && model.rename(from, to, mode)) {
                    moves.add(new String[] {from, to, mode.name()});
                    if (random.nextInt(3) == 0 && model.enter(from, folder())) {
                        // The old name comes back as another folder.
                        moves.add(new String[] {from, from, "MKDIR"});
                    }
                }
            }
            script.add(moves);
        }
    }

    private static Item folder() {
        return new Item(0040000, 0755);
    }

    private List<String> folders() {
        return model.paths().stream().filter(path -> item(path).isDirectory()).toList();
    }

    private Item item(String path) {
        Item item = model.find(path);
        if (item == null) {
            throw new AssertionError(path);
        }
        return item;
    }

    private void buildBase() {
        model = new ModelTree();
        for (String a : NAMES) {
            model.enter("/" + a, folder());
            for (String b : NAMES) {
                model.enter("/" + a + "/" + b, folder());
                if (!b.equals("c")) {
                    Item file = new Item(0100000, 0644);
                    file.target = a + b;
                    model.enter("/" + a + "/" + b + "/file-" + a + b, file);
                }
            }
        }
    }

    private void play(String name, int splits, boolean newestFirst) throws Exception {
        buildBase();
        try (Volume volume = Volume.in(Files.createTempDirectory(directory, "v"))) {
            for (String path : model.paths()) {
                Item item = item(path);
                if (item.isDirectory()) {
                    volume.mkdir(path);
                } else {
                    volume.create(path, item.target);
                }
            }
            volume.archive();
            for (List<String[]> moves : script) {
                for (String[] move : moves) {
                    if (move[2].equals("MKDIR")) {
                        model.enter(move[0], folder());
                        volume.mkdir(move[0]);
                    } else {
                        RenameMode mode = RenameMode.valueOf(move[2]);
                        model.rename(move[0], move[1], mode);
                        volume.rename(move[0], move[1], mode);
                    }
                }
                compare(name + ", before the round", volume);
                volume.archive();
                compare(name + ", after the round", volume);
            }
            List<int[]> groups = groups(splits);
            for (int[] group : newestFirst ? groups.reversed() : groups) {
                volume.overlay().merge(group[0], group[1]);
                compare(name + ", merged " + group[0] + " to " + group[1], volume);
            }
            volume.reopen();
            compare(name + ", opened again", volume);
            volume.mergeAll();
            compare(name + ", merged into one", volume);
        }
    }

    /** Neighbouring layers that become one image: a bit of {@code splits} parts two layers. */
    private static List<int[]> groups(int splits) {
        List<int[]> groups = new ArrayList<>();
        int first = 0;
        for (int layer = 0; layer <= ROUNDS; layer++) {
            if (layer == ROUNDS || (splits & 1 << layer) != 0) {
                groups.add(new int[] {first, layer});
                first = layer + 1;
            }
        }
        return groups;
    }

    private void compare(String when, Volume volume) throws IOException {
        compare(when, volume, model.root, "");
    }

    private void compare(String when, Volume volume, Item item, String path) throws IOException {
        if (!item.isDirectory()) {
            assertThat(volume.text(path)).as("%s: %s", when, path).isEqualTo(item.target);
            return;
        }
        assertThat(volume.list(path))
                .as("%s: %s", when, path)
                .containsExactlyElementsOf(item.children.keySet());
        Attributes shown = volume.stat(path);
        assertThat(shown == null ? 0 : shown.nlink())
                .as("%s: links of %s", when, path)
                .isEqualTo(item.shownLinks());
        for (Map.Entry<String, Item> child : item.children.entrySet()) {
            compare(when, volume, child.getValue(), path + "/" + child.getKey());
        }
    }
}
