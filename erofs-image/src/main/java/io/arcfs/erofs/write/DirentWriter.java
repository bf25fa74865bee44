package io.arcfs.erofs.write;

import java.io.IOException;

/** Puts the blocks of directories into the image. Confined to one thread. */
final class DirentWriter {
    private final TreeSurvey survey;
    private final Placement placement;
    private final int blockSize;
    private final ImageSink sink;
    private final DirentPacker packer;

    private int row;
    private long fromBlock;
    private long toBlock;
    private long nextBlock;

    DirentWriter(TreeSurvey survey, Placement placement, int blockSize, ImageSink sink) {
        this.survey = survey;
        this.placement = placement;
        this.blockSize = blockSize;
        this.sink = sink;
        this.packer = new DirentPacker(blockSize, this::take);
    }

    /** Puts the blocks of a directory from one to before another. */
    void put(int directoryRow, long from, long to) throws IOException {
        row = directoryRow;
        fromBlock = from;
        toBlock = to;
        nextBlock = 0;
        survey.dirents(row, packer, placement::nid);
        packer.finish();
    }

    private void take(byte[] block, int length) throws IOException {
        long index = nextBlock++;
        if (index >= fromBlock && index < toBlock) {
            boolean last = index == (survey.inodes.size.get(row) - 1) / blockSize;
            sink.put(block, last ? length : blockSize);
        }
    }
}
