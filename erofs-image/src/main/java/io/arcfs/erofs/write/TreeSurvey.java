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
    int[] children = new int[64];

    int nameCount;

    private final TreeSource source;
    private final KeyIndex rows = new KeyIndex();
    private final ChildNames childNames = new ChildNames();
    private final DirentMeasure measure;

    private TreeSurvey(TreeSource source, int blockBits) {
        this.source = source;
        this.measure = new DirentMeasure(1 << blockBits);
    }

    /** Walks the tree. */
    static TreeSurvey of(TreeSource source, int blockBits) throws IOException {
        TreeSurvey survey = new TreeSurvey(source, blockBits);
        long root = source.rootKey();
        survey.addInode(survey.rows.indexOf(root, 0), root, "/");
        if (!survey.inodes.isDirectory(0)) {
            throw new UnwritableTreeException("the root is no directory");
        }
        for (int row = 0; row < survey.inodes.rows; row++) {
            if (survey.inodes.isDirectory(row)) {
                survey.addChildren(row);
            }
        }
        // Only the walk needs them.
        survey.childNames.release();
        survey.rows.release();
        survey.shareXattrs();
        return survey;
    }

    /** Offers a directory's dirents in order, "." and ".." where they belong in it. */
    void dirents(int row, DirentPacker packer, NidOfRow nids) throws IOException {
        NamePool.Reader reader = names.from(inodes.firstName[row]);
        int dots = 0;
        for (int i = 0; i < inodes.childCount[row]; i++) {
            reader.next();
            if (dots < 2) {
                dots = dots(row, packer, nids, dots, reader);
            }
            int child = children[inodes.firstChild[row] + i];
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
        packer.add(DOT_DOT, 0, 2, nids.nid(inodes.parent[row]), DirentLayout.TYPE_DIRECTORY);
    }

    private static boolean isBefore(byte[] dots, NamePool.Reader name) {
        int end = name.start() + name.length();
        return Arrays.compareUnsigned(dots, 0, dots.length, name.page(), name.start(), end) < 0;
    }

    private void addChildren(int row) throws IOException {
        ChildNames found = childNames;
        found.clear();
        source.children(
                inodes.key[row], (name, key) -> found.add(InodeRules.checkedName(name), key));
        found.sort();
        inodes.firstChild[row] = nameCount;
        inodes.childCount[row] = found.count();
        boolean dotPlaced = false;
        boolean dotDotPlaced = false;
        for (int i = 0; i < found.count(); i++) {
            int start = found.start(i);
            int length = found.length(i);
            if (found.isRepeated(i)) {
                throw new UnwritableTreeException(
                        "name "
                                + InodeRules.shown(found.bytes, start, length)
                                + " twice in a directory");
            }
            long at = names.add(found.bytes, start, length);
            if (i == 0) {
                inodes.firstName[row] = at;
            }
            link(row, found, i);
            if (!dotDotPlaced && isAfterDot(found.bytes, start, length)) {
                if (!dotPlaced) {
                    measure.add(1);
                    dotPlaced = true;
                }
                if (isAfterDotDot(found.bytes, start, length)) {
                    measure.add(2);
                    dotDotPlaced = true;
                }
            }
            measure.add(length);
        }
        if (!dotPlaced) {
            measure.add(1);
        }
        if (!dotDotPlaced) {
            measure.add(2);
        }
        inodes.size[row] = measure.finish();
    }

    private static boolean isAfterDot(byte[] bytes, int start, int length) {
        return Arrays.compareUnsigned(DOT, 0, 1, bytes, start, start + length) < 0;
    }

    private static boolean isAfterDotDot(byte[] bytes, int start, int length) {
        return Arrays.compareUnsigned(DOT_DOT, 0, 2, bytes, start, start + length) < 0;
    }

    private void link(int parent, ChildNames found, int position) throws IOException {
        long key = found.key(position);
        int row = rows.indexOf(key, inodes.rows);
        boolean known = row < inodes.rows;
        if (!known) {
            addInode(row, key, () -> shown(found, position));
        }
        if (inodes.isDirectory(row)) {
            if (known) {
                throw new UnwritableTreeException(
                        "directory " + shown(found, position) + " has two names");
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

    private static String shown(ChildNames found, int position) {
        return InodeRules.shown(found.bytes, found.start(position), found.length(position));
    }

    private void addInode(int expectedRow, long key, String name) throws IOException {
        addInode(expectedRow, key, () -> name);
    }

    private void addInode(int expectedRow, long key, InodeRules.Shown name) throws IOException {
        InodeAttributes attributes = source.attributes(key);
        InodeRules.check(attributes, name);
        int row = inodes.add();
        if (row != expectedRow) {
            throw new IllegalStateException("row " + row + " instead of " + expectedRow);
        }
        inodes.key[row] = key;
        inodes.mode[row] = (char) attributes.mode();
        inodes.uid[row] = (int) attributes.uid();
        inodes.gid[row] = (int) attributes.gid();
        inodes.number[row] = (int) attributes.inode();
        inodes.mtimeSeconds[row] = attributes.mtimeSeconds();
        inodes.mtimeNanos[row] = attributes.mtimeNanos();
        inodes.union[row] = InodeTable.NO_BLOCK;
        switch (inodes.type(row)) {
            case DirentLayout.TYPE_DIRECTORY -> inodes.links[row] = 2;
            case DirentLayout.TYPE_SYMLINK, DirentLayout.TYPE_REGULAR ->
                    inodes.size[row] = attributes.size();
            case DirentLayout.TYPE_CHARACTER, DirentLayout.TYPE_BLOCK ->
                    inodes.union[row] = attributes.rdev();
            default -> inodes.union[row] = 0;
        }
        List<Xattr> xattrs = source.xattrs(key);
        if (!xattrs.isEmpty()) {
            try {
                inodes.xattrBytes[row] = XattrEncoder.measure(xattrs, SharedXattrs.NONE);
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
            if (inodes.xattrBytes[row] > 0) {
                List<Xattr> xattrs = source.xattrs(inodes.key[row]);
                sharedXattrs.collect(xattrs);
                inodes.xattrBytes[row] = XattrEncoder.measure(xattrs, sharedXattrs);
            }
        }
        sharedXattrs.place();
    }

    /** Asks for the data of all files, which can be measured only now. */
    void measureData(ImageOptions options) throws IOException {
        DataRules rules = new DataRules(options);
        for (int row = 0; row < inodes.rows; row++) {
            if ((inodes.mode[row] & InodeFormat.S_IFMT) == InodeFormat.S_IFREG
                    && inodes.size[row] > 0) {
                switch (source.data(inodes.key[row])) {
                    case FileData.Chunks(var chunks) -> {
                        inodes.setLayout(row, InodeFormat.CHUNK_BASED);
                        inodes.mapBytes[row] = rules.mapBytes(chunks, inodes.size[row], row);
                    }
                    case FileData.Within _ -> inodes.setLayout(row, InodeFormat.FLAT_PLAIN);
                    case FileData.Tailed tailed -> {
                        rules.check(tailed, inodes.size[row], row);
                        inodes.mapBytes[row] = InodeTable.TAILED;
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
