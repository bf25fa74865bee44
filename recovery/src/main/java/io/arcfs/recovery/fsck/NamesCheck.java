package io.arcfs.recovery.fsck;

import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.catalog.Catalog;
import io.arcfs.overlay.catalog.Catalog.Sync;
import io.arcfs.overlay.catalog.CatalogBatch;
import io.arcfs.overlay.catalog.LinkName;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.stack.LayerStack;
import io.arcfs.overlay.stack.MergedDirectory;
import io.arcfs.overlay.stack.Resolution;
import io.arcfs.recovery.fsck.Finding.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Walks the merged view, and holds counts and the table of names against it. Confined to one
 * thread.
 */
final class NamesCheck {
    private final Catalog catalog;
    private final LayerStack stack;
    private final Findings findings;

    /** What the table has to hold: inode, parent and name in one text. */
    private final Map<String, NameOf> wanted = new HashMap<>();

    private final Map<Long, Integer> names = new HashMap<>();
    private final Map<Long, Integer> nlinks = new HashMap<>();

    private record NameOf(long inode, LinkName name) {}

    NamesCheck(Catalog catalog, LayerStack stack, Findings findings) {
        this.catalog = catalog;
        this.stack = stack;
        this.findings = findings;
    }

    /** A directory that is still to be walked. */
    private record Place(long inode, String path, MergedDirectory directory) {}

    /** Reads the merged view. */
    void walk() throws IOException {
        Set<Long> directories = new HashSet<>();
        Deque<Place> places = new ArrayDeque<>();
        places.add(new Place(FileSystem.ROOT_INODE, "", stack.root(0)));
        while (!places.isEmpty()) {
            Place place = places.remove();
            List<byte[]> found = new ArrayList<>();
            stack.list(place.directory, (name, _, _) -> found.add(name));
            for (byte[] name : found) {
                String path = place.path + "/" + new String(name, StandardCharsets.UTF_8);
                findings.guard(
                        Kind.NAME,
                        path,
                        () -> {
                            if (stack.child(place.directory, name)
                                    instanceof Resolution.Present present) {
                                visit(place, name, path, present, directories, places);
                            }
                        });
            }
        }
    }

    private void visit(
            Place place,
            byte[] name,
            String path,
            Resolution.Present present,
            Set<Long> directories,
            Deque<Place> places)
            throws IOException {
        long inode = present.inodeNumber();
        LinkName link = new LinkName(place.inode, name);
        if (Mode.isDirectory(present.type())) {
            want(inode, link);
            if (directories.add(inode)) {
                places.add(new Place(inode, path, present.directory()));
            } else {
                findings.error(Kind.NAME, path, "directory " + inode + " has a second name");
            }
            return;
        }
        int nlink = present.layer().inode(present.ref()).nlink();
        names.merge(inode, 1, Integer::sum);
        Integer other = nlinks.put(inode, nlink);
        if (other != null && other != nlink) {
            findings.error(Kind.INODE, path, "inode " + inode + " has two link counts");
        }
        if (nlink > 1) {
            want(inode, link);
        }
    }

    private void want(long inode, LinkName name) {
        wanted.put(key(inode, name), new NameOf(inode, name));
    }

    private static String key(long inode, LinkName name) {
        return inode
                + " "
                + name.parent()
                + " "
                + new String(name.name(), StandardCharsets.ISO_8859_1);
    }

    /** Compares what was read with what the catalog says. */
    void compare() throws IOException {
        names.forEach((inode, count) -> {
            int nlink = nlinks.getOrDefault(inode, 0);
            if (nlink != count) {
                findings.error(
                        Kind.INODE,
                        "inode " + inode,
                        "has " + count + " names and a link count of " + nlink);
            }
        });
        Set<String> there = new HashSet<>();
        catalog.allNames((inode, name) -> {
            String key = key(inode, name);
            there.add(key);
            // A file that had several names and has one left keeps its row.
            if (!wanted.containsKey(key) && !nlinks.containsKey(inode)) {
                findings.repairable(
                        Kind.NAME_TABLE, "inode " + inode, "a name is recorded that is not there");
            }
        });
        wanted.forEach((key, name) -> {
            if (!there.contains(key)) {
                findings.repairable(
                        Kind.NAME_TABLE,
                        "inode " + name.inode,
                        "a name in inode " + name.name.parent() + " is not recorded");
            }
        });
    }

    /** Makes the table say what the merged view does: it holds nothing that the view does not. */
    void rewriteTable(Catalog writable) throws IOException {
        try (CatalogBatch batch = writable.batch()) {
            writable.allNames((inode, name) -> {
                if (!wanted.containsKey(key(inode, name)) && !nlinks.containsKey(inode)) {
                    batch.deleteName(inode, name);
                }
            });
            for (NameOf name : wanted.values()) {
                batch.putName(name.inode, name.name);
            }
            writable.commit(batch, Sync.YES);
        }
    }
}
