package io.arcfs.erofs.write;

/** What the writer remembers per directory beside its inode. Confined to one thread. */
final class DirectoryTable {
    /** Row of the parent. */
    final IntColumn parent = new IntColumn();

    /** Where its names start in the pool. */
    final LongColumn firstName = new LongColumn();

    /** Where the rows of its names start in the list of children. */
    final IntColumn firstChild = new IntColumn();

    final IntColumn childCount = new IntColumn();

    private int count;

    int add() {
        int wanted = Math.addExact(count, 1);
        parent.reserve(wanted);
        firstName.reserve(wanted);
        firstChild.reserve(wanted);
        childCount.reserve(wanted);
        return count++;
    }
}
