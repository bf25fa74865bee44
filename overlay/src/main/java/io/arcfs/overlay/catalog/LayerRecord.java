package io.arcfs.overlay.catalog;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.ImageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A layer, or a range of layers merged into one image.
 *
 * @param first oldest layer of the range
 * @param last newest layer of the range; equal to {@code first} unless merged
 * @param files inodes that are not directories; 0 for uppers, which are counted live
 * @param dataBytes bytes of file data that this layer brought; 0 for uppers
 * @param image null for uppers
 */
public record LayerRecord(
        int first, int last, State state, long files, long dataBytes, @Nullable ImageRecord image) {
    private static final int VERSION = 1;

    /**
     * The life of a layer.
     *
     * <pre>
     *  ACTIVE --seal--> SEALED --build, activate--> ARCHIVED --merge--> (part of another)
     * </pre>
     *
     * BUILT is passed within one round: an image that is not activated yet is rebuilt after a
     * crash.
     */
    public enum State {
        ACTIVE(1),
        SEALED(2),
        ARCHIVED(4);

        private final int persistentId;

        State(int persistentId) {
            this.persistentId = persistentId;
        }

        static State of(int id) {
            for (State state : values()) {
                if (state.persistentId == id) {
                    return state;
                }
            }
            throw new CorruptCatalogException("layer has state " + id);
        }
    }

    public static LayerRecord upper(int number, State state) {
        return new LayerRecord(number, number, state, 0, 0, null);
    }

    /** The image of an archived layer. */
    public ImageRecord requireImage() {
        if (image == null) {
            throw new CorruptCatalogException(
                    "layer " + first + " is " + state + " and has no image");
        }
        return image;
    }

    /** As {@code arc status} and the volume directory name it. */
    public String name() {
        return switch (state) {
            case ACTIVE, SEALED -> "dir_%02d".formatted(first);
            case ARCHIVED -> "arc_" + range();
        };
    }

    /** File name of the metadata image. */
    public String imageFileName() {
        return "meta." + range();
    }

    private String range() {
        return first == last ? "%02d".formatted(first) : "%02d_%02d".formatted(first, last);
    }

    byte[] toBytes() {
        RecordWriter w =
                new RecordWriter(VERSION)
                        .i32(first)
                        .i32(last)
                        .u8(state.persistentId)
                        .i64(files)
                        .i64(dataBytes);
        if (image == null) {
            return w.u8(0).toBytes();
        }
        w.u8(1)
                .i32(image.firstLayer())
                .i32(image.lastLayer())
                .i32(image.generation())
                .i64(image.uuid().getMostSignificantBits())
                .i64(image.uuid().getLeastSignificantBits())
                .i64(image.lengthBytes())
                .bytes(image.sha256())
                .i64(image.nextInode())
                .i64(image.commit())
                .i32(image.extents().size());
        for (DeviceExtent extent : image.extents()) {
            w.i64(extent.address()).i64(extent.lengthBytes());
        }
        w.i32(image.manifest().size());
        for (ContainerId container : image.manifest()) {
            w.i32(container.number()).i32(container.sequence());
        }
        return w.toBytes();
    }

    static LayerRecord of(byte[] bytes) {
        RecordReader r = new RecordReader("layer record", VERSION, bytes);
        int first = r.i32();
        int last = r.i32();
        State state = State.of(r.u8());
        long files = r.i64();
        long dataBytes = r.i64();
        ImageRecord image = r.u8() == 0 ? null : imageOf(r);
        return new LayerRecord(first, last, state, files, dataBytes, image);
    }

    private static ImageRecord imageOf(RecordReader r) {
        int first = r.i32();
        int last = r.i32();
        int generation = r.i32();
        UUID uuid = new UUID(r.i64(), r.i64());
        long lengthBytes = r.i64();
        byte[] sha256 = r.bytes();
        long nextInode = r.i64();
        long commit = r.i64();
        int extentCount = r.count(16);
        List<DeviceExtent> extents = new ArrayList<>(extentCount);
        for (int i = 0; i < extentCount; i++) {
            extents.add(new DeviceExtent(r.i64(), r.i64()));
        }
        int manifestCount = r.count(8);
        List<ContainerId> manifest = new ArrayList<>(manifestCount);
        for (int i = 0; i < manifestCount; i++) {
            manifest.add(new ContainerId(r.i32(), r.i32()));
        }
        return new ImageRecord(
                first,
                last,
                generation,
                uuid,
                lengthBytes,
                extents,
                sha256,
                manifest,
                nextInode,
                commit);
    }
}
