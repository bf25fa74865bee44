/** Reads, writes, merges and checks EROFS images. Depends on nothing of ours. */
module io.arcfs.erofsimage {
    requires static org.jspecify;

    exports io.arcfs.erofs;
    exports io.arcfs.erofs.build;
    exports io.arcfs.erofs.check;
    exports io.arcfs.erofs.extract;
    exports io.arcfs.erofs.merge;
    exports io.arcfs.erofs.remap;
    exports io.arcfs.erofs.write;
}
