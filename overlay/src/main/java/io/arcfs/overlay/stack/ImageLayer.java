package io.arcfs.overlay.stack;

import io.arcfs.erofs.ChunkList;
import io.arcfs.erofs.ErofsImage;
import io.arcfs.erofs.Inode;
import io.arcfs.erofs.Xattr;
import io.arcfs.overlay.catalog.InodeRecord;
import io.arcfs.overlay.catalog.InodeRecordBuilder;
import io.arcfs.overlay.catalog.LayerRecord;
import io.arcfs.overlay.catalog.Mode;
import io.arcfs.overlay.catalog.Origin;
import io.arcfs.tier.DeviceExtent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An archived layer: an EROFS metadata image whose chunks lie on the volume's device. References
 * are nids. Immutable; its mapping lives as long as anybody holds the layer.
 */
public final class ImageLayer implements Layer {
    private static final int VOLUME_DEVICE = 1;

    private final LayerRecord layer;
    private final ErofsImage image;

    public ImageLayer(LayerRecord layer, ErofsImage image) {
        this.layer = layer;
        this.image = image;
    }

    public LayerRecord layerRecord() {
        return layer;
    }

    public ErofsImage image() {
        return image;
    }

    @Override
    public int first() {
        return layer.first();
    }

    @Override
    public int last() {
        return layer.last();
    }

    @Override
    public long rootRef() {
        return image.rootNid();
    }

    @Override
    public @Nullable Entry find(long directoryRef, byte[] name) throws IOException {
        long nid = image.lookup(directoryRef, name);
        if (nid == ErofsImage.ABSENT) {
            return null;
        }
        return entry(nid);
    }

    private Entry entry(long nid) throws IOException {
        int mode = image.mode(nid);
        return (mode & Mode.TYPE) == Mode.CHARACTER
                        && Mode.isWhiteout(mode, image.inode(nid).rdev())
                ? Entry.WHITEOUT
                : new Entry(nid, mode & Mode.TYPE);
    }

    @Override
    public void list(long directoryRef, EntryVisitor visitor) throws IOException {
        image.list(directoryRef, (name, nid, _) -> visitor.entry(name, entry(nid)));
    }

    @Override
    public long inodeNumber(long ref) throws IOException {
        return image.inodeNumber(ref);
    }

    @Override
    public InodeRecord inode(long ref) throws IOException {
        Inode inode = image.inode(ref);
        InodeRecordBuilder record =
                new InodeRecordBuilder(inode.mode(), (int) inode.uid(), (int) inode.gid())
                        .rdev(inode.rdev())
                        .nlink(Math.toIntExact(inode.nlink()))
                        .mtime(inode.mtimeSeconds(), inode.mtimeNanos())
                        .ctime(inode.mtimeSeconds(), inode.mtimeNanos());
        if (Mode.isRegular(inode.mode())) {
            record.size(inode.size()).writtenEnd(inode.size());
        } else if (Mode.isSymlink(inode.mode())) {
            record.target(image.symlinkTarget(ref));
        }
        List<Xattr> shown = new ArrayList<>();
        for (Xattr xattr : image.xattrs(ref)) {
            if (!Marks.isReserved(xattr.name())) {
                shown.add(xattr);
            } else {
                Marks.apply(xattr, record);
            }
        }
        return record.xattrs(shown).origin(Origin.SAME).build();
    }

    @Override
    public Origin origin(long directoryRef) throws IOException {
        byte[] opaque = image.xattr(directoryRef, Marks.OPAQUE);
        if (opaque != null && Marks.isOpaque(opaque)) {
            return Origin.NONE;
        }
        byte[] redirect = image.xattr(directoryRef, Marks.REDIRECT);
        return redirect == null ? Origin.SAME : new Origin.Path(redirect);
    }

    @Override
    public List<InodeRecord.Run> runs(long ref) throws IOException {
        Inode inode = image.inode(ref);
        if (!Mode.isRegular(inode.mode()) || inode.size() == 0) {
            return List.of();
        }
        ChunkList chunks = image.chunks(ref);
        if (chunks.deviceId() > VOLUME_DEVICE) {
            throw new IOException(
                    "image "
                            + layer.imageFileName()
                            + " names device "
                            + chunks.deviceId()
                            + ", a volume has one");
        }
        RunList runs = new RunList();
        long chunkBytes = 1L << chunks.chunkBits();
        long blockBytes = image.superBlock().blockSizeBytes();
        for (int i = 0; i < chunks.blocks().length; i++) {
            long block = chunks.blocks()[i];
            if (block != ChunkList.HOLE) {
                long offset = i * chunkBytes;
                long length = Math.min(chunkBytes, inode.size() - offset);
                runs.add(offset, new DeviceExtent(block * blockBytes, length));
            }
        }
        return runs.toList();
    }

    @Override
    public String toString() {
        return "image " + layer.imageFileName();
    }
}
