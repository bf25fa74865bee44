package io.arcfs.cli.daemon;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.control.Progress;
import io.arcfs.device.BlockDevice;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.PosixFile;
import io.arcfs.recovery.SafeText;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Tier;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * Copies the device into one sparse file of its full size: with it and an image any kernel mounts
 * the archive. What is cold is recalled on the way. The file appears whole or not at all.
 */
final class DeviceDump {
    private static final long BUFFER_BYTES = 4 << 20;

    private final Tier tier;
    private final Progress progress;

    DeviceDump(Tier tier, Progress progress) {
        this.tier = tier;
        this.progress = progress;
    }

    void writeTo(Path file) throws IOException, CommandFailure {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file)) {
            throw new CommandFailure(
                    SafeText.of(file), "is there and is no regular file", "name a new file");
        }
        AtomicPublish.publish(file, this::copy);
    }

    private void copy(PosixFile out) throws IOException {
        Geometry geometry = tier.geometry();
        out.truncate(geometry.deviceBytes());
        List<ContainerId> containers = List.copyOf(tier.control().containers().keySet());
        long total = containers.size() * geometry.dataBytes();
        long done = 0;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(BUFFER_BYTES, geometry.blockBytes());
            for (ContainerId container : containers) {
                copyContainer(container, buffer, out);
                done += geometry.dataBytes();
                progress.report(new Progress.Step("dump", container.toString(), done, total));
            }
        }
    }

    private void copyContainer(ContainerId container, MemorySegment buffer, PosixFile out)
            throws IOException {
        Geometry geometry = tier.geometry();
        BlockDevice device = tier.device();
        long end = geometry.dataEnd(container.number());
        for (long at = geometry.firstDataAddress(container.number()); at < end; ) {
            MemorySegment part = buffer.asSlice(0, Math.min(BUFFER_BYTES, end - at));
            device.read(at, part);
            writeNonZero(part, at, geometry.blockBytes(), out);
            at += part.byteSize();
        }
    }

    /** Blocks of zeros stay holes. */
    private static void writeNonZero(MemorySegment part, long at, int blockBytes, PosixFile out)
            throws IOException {
        MemorySegment zeros = MemorySegment.ofArray(new byte[blockBytes]);
        long runStart = -1;
        for (long block = 0; block <= part.byteSize(); block += blockBytes) {
            boolean data =
                    block < part.byteSize()
                            && MemorySegment.mismatch(
                                            part, block, block + blockBytes, zeros, 0, blockBytes)
                                    >= 0;
            if (data && runStart < 0) {
                runStart = block;
            } else if (!data && runStart >= 0) {
                out.write(at + runStart, part.asSlice(runStart, block - runStart));
                runStart = -1;
            }
        }
    }
}
