package io.arcfs.erofs.write;

import io.arcfs.erofs.Xattr;
import io.arcfs.erofs.layout.DirentLayout;
import io.arcfs.erofs.layout.InodeFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The first pass: walks the tree breadth first, checks that all of it can be stored, and measures
 * every inode, so that places can be given before anything is written. Inodes are numbered in the
 * order in which sorted names meet them, so the source's order and keys leave no trace in the
 * image. Confined to one thread.
 */
final class TreeSurvey {
    private static final byte[] DOT = {'.'};
    private static final byte[] DOT_DOT = {'.', '.'};

    final InodeTable inodes = new InodeTable();
    final NamePool names = new NamePool();
    final SharedXattrs sharedXattrs = new SharedXattrs();

    /** Rows of all names' inodes; a directory's stand in a row, in order of its names. */
    final IntColumn children = new IntColumn();

    int nameCount;

    private final TreeSource source;
    private final DirentMeasure measure;

    private TreeSurvey(TreeSource source, int blockBits) {
        this.source = source;
        this.measure = new DirentMeasure(1 << blockBits);
    }

    /** Walks the tree. */
    static TreeSurvey of(TreeSource source, int blockBits) throws IOException {
        TreeSurvey survey = new TreeSurvey(source, blockBits);
        survey.walk();
        survey.shareXattrs();
        return survey;
    }

    private void walk() throws IOException {
        // Only the walk needs them.
        RowIndex rows = new RowIndex(inodes.key);
        ChildNames found = new ChildNames(names);
        long root = source.rootKey();
        addInode(rows.rowOf(root, 0), root, () -> "/");
        if (!inodes.isDirectory(0)) {
            throw new UnwritableTreeException("the root is no directory");
        }
        for (int row = 0; row < inodes.rows; row++) {
            if (inodes.isDirectory(row)) {
                addChildren(row, rows, found);
            }
        }
    }

    /** Offers a directory's dirents in order, "." and ".." where they belong in it. */
    void dirents(int row, DirentPacker packer, NidOfRow nids) throws IOException {
        int directory = inodes.directory(row);
        NamePool.Reader reader = names.from(inodes.directories.firstName.get(directory));
        int firstChild = inodes.directories.firstChild.get(directory);
        int childCount = inodes.directories.childCount.get(directory);
        int dots = 0;
        for (int i = 0; i < childCount; i++) {
            reader.next();
            if (dots < 2) {
                dots = dots(row, packer, nids, dots, reader);
            }
            int child = children.get(firstChild + i);
            packer.add(
                    reader.page(),
                    reader.start(),
                    reader.length(),
                    nids.nid(child),
                    inodes.type(child));
        }
        if (dots == 0) {
            packer.add(DOT, 0, 1, nids.nid(row), DirentLayout.TYPE_DIRECTORY);
        }
        if (dots <= 1) {
            addParent(row, packer, nids);
        }
    }

    /** Gives those of "." and ".." that come before the reader's name; how many were given. */
    private int dots(int row, DirentPacker packer, NidOfRow nids, int given, NamePool.Reader before)
            throws IOException {
        if (given == 0 && isBefore(DOT, before)) {
            packer.add(DOT, 0, 1, nids.nid(row), DirentLayout.TYPE_DIRECTORY);
            given = 1;
        }
        if (given == 1 && isBefore(DOT_DOT, before)) {
            addParent(row, packer, nids);
            given = 2;
        }
        return given;
    }

    private void addParent(int row, DirentPacker packer, NidOfRow nids) throws IOException {
        int parent = inodes.directories.parent.get(inodes.directory(row));
        packer.add(DOT_DOT, 0, 2, nids.nid(parent), DirentLayout.TYPE_DIRECTORY);
    }

    private static boolean isBefore(byte[] dots, NamePool.Reader name) {
        int end = name.start() + name.length();
        return Arrays.compareUnsigned(dots, 0, dots.length, name.page(), name.start(), end) < 0;
    }

    private void addChildren(int row, RowIndex rows, ChildNames found) throws IOException {
        found.clear();
        source.children(
                inodes.key.get(row), (name, key) -> found.add(InodeRules.checkedName(name), key));
        found.sort();
        int directory = inodes.directory(row);
        inodes.directories.firstName.set(directory, found.first());
        inodes.directories.firstChild.set(directory, nameCount);
        inodes.directories.childCount.set(directory, found.count());
        NamePool.Reader name = names.from(found.first());
        InodeRules.Shown shown = name::text;
        boolean dotPlaced = false;
        boolean dotDotPlaced = false;
        for (int i = 0; i < found.count(); i++) {
            name.next();
            link(row, rows, found.key(i), shown);
            if (!dotDotPlaced && isBefore(DOT, name)) {
                if (!dotPlaced) {
                    measure.add(1);
                    dotPlaced = true;
                }
                if (isBefore(DOT_DOT, name)) {
                    measure.add(2);
                    dotDotPlaced = true;
                }
            }
            measure.add(name.length());
        }
        if (!dotPlaced) {
            measure.add(1);
        }
        if (!dotDotPlaced) {
            measure.add(2);
        }
        inodes.size.set(row, measure.finish());
    }

    private void link(int parent, RowIndex rows, long key, InodeRules.Shown name)
            throws IOException {
        int row = rows.rowOf(key, inodes.rows);
        boolean known = row < inodes.rows;
        if (!known) {
            addInode(row, key, name);
        }
        if (inodes.isDirectory(row)) {
            if (known) {
                throw new UnwritableTreeException("directory " + name.text() + " has two names");
            }
            inodes.directories.parent.set(inodes.directory(row), parent);
            addLink(parent);
        } else {
            addLink(row);
        }
        children.reserve(Math.addExact(nameCount, 1));
        children.set(nameCount++, row);
    }

    private void addLink(int row) {
        inodes.links.set(row, inodes.links.get(row) + 1);
    }

    private void addInode(int expectedRow, long key, InodeRules.Shown name) throws IOException {
        InodeAttributes attributes = source.attributes(key);
        InodeRules.check(attributes, name);
        int row = inodes.add();
        if (row != expectedRow) {
            throw new IllegalStateException("row " + row + " instead of " + expectedRow);
        }
        inodes.key.set(row, key);
        inodes.mode.set(row, (char) attributes.mode());
        inodes.uid.set(row, (int) attributes.uid());
        inodes.gid.set(row, (int) attributes.gid());
        inodes.number.set(row, (int) attributes.inode());
        inodes.mtimeSeconds.set(row, attributes.mtimeSeconds());
        inodes.mtimeNanos.set(row, attributes.mtimeNanos());
        inodes.union.set(row, InodeTable.NO_BLOCK);
        switch (inodes.type(row)) {
            case DirentLayout.TYPE_DIRECTORY -> {
                inodes.links.set(row, 2);
                inodes.setDirectory(row, inodes.directories.add());
            }
            case DirentLayout.TYPE_SYMLINK, DirentLayout.TYPE_REGULAR ->
                    inodes.size.set(row, attributes.size());
            case DirentLayout.TYPE_CHARACTER, DirentLayout.TYPE_BLOCK ->
                    inodes.union.set(row, attributes.rdev());
            default -> inodes.union.set(row, 0);
        }
        List<Xattr> xattrs = source.xattrs(key);
        if (!xattrs.isEmpty()) {
            try {
                inodes.setXattrBytes(row, XattrEncoder.measure(xattrs, SharedXattrs.NONE));
                sharedXattrs.count(xattrs);
            } catch (UnwritableTreeException e) {
                throw new UnwritableTreeException(name.text() + ": " + e.getMessage());
            }
        }
    }

    /** Attributes that several inodes have are stored once, and make those inodes smaller. */
    private void shareXattrs() throws IOException {
        if (!sharedXattrs.hasCandidates()) {
            return;
        }
        for (int row = 0; row < inodes.rows; row++) {
            if (inodes.xattrBytes(row) > 0) {
                List<Xattr> xattrs = source.xattrs(inodes.key.get(row));
                sharedXattrs.collect(xattrs);
                inodes.setXattrBytes(row, XattrEncoder.measure(xattrs, sharedXattrs));
            }
        }
        sharedXattrs.place();
    }

    /** Asks for the data of all files, which can be measured only now. */
    void measureData(ImageOptions options) throws IOException {
        DataRules rules = new DataRules(options);
        for (int row = 0; row < inodes.rows; row++) {
            if ((inodes.mode.get(row) & InodeFormat.S_IFMT) == InodeFormat.S_IFREG
                    && inodes.size.get(row) > 0) {
                switch (source.data(inodes.key.get(row))) {
                    case FileData.Chunks(var chunks) -> {
                        inodes.setLayout(row, InodeFormat.CHUNK_BASED);
                        inodes.setMapBytes(row, rules.mapBytes(chunks, inodes.size.get(row), row));
                    }
                    case FileData.Within _ -> inodes.setLayout(row, InodeFormat.FLAT_PLAIN);
                    case FileData.Tailed tailed -> {
                        rules.check(tailed, inodes.size.get(row), row);
                        inodes.setMapBytes(row, InodeTable.TAILED);
                    }
                }
            }
        }
    }

    /** The nid of an inode's row. */
    @FunctionalInterface
    interface NidOfRow {
        long nid(int row);
    }
}
