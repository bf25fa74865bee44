package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.posix.Posix;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The sizes people use: little data at both ends of 480 MiB containers, everything else sparse. */
@Timeout(60)
final class DefaultGeometryTest {
    private static final Geometry GEOMETRY = Geometry.DEFAULT;
    private static final UUID VOLUME = new UUID(7, 8);

    @TempDir Path dir;

    @Test
    void firstAndLastContainerOfTheDeviceMakeTheWholeWay() throws Exception {
        ContainerId first = new ContainerId(0, 1);
        ContainerId last = new ContainerId(GEOMETRY.containers() - 1, 1);
        long firstAddress = Geometry.RESERVED_BYTES;
        long lastAddress = GEOMETRY.containerStart(last.number()) + (20 << 20);
        byte[] bytes = TierFixture.random(1, 1 << 20);
        try (LocalTier tier = open()) {
            assertThat(tier.device().sizeBytes()).isEqualTo(34_952L * 480 * (1 << 20));
            tier.control().open(first);
            tier.control().open(last);
            tier.device().write(firstAddress, MemorySegment.ofArray(bytes));
            tier.device().write(lastAddress, MemorySegment.ofArray(bytes));
            tier.device().flush();
            byte[] descriptor = TierFixture.DESCRIPTOR;
            tier.control().close(first, firstAddress + bytes.length, List.of(), descriptor);
            tier.control().close(last, lastAddress + bytes.length, List.of(), descriptor);
            tier.control().awaitDestaged();
            tier.control().evictAll();
            assertThat(tier.control().status().ssdUsedBytes()).isZero();
        }
        Path medium = dir.resolve("cold/arcfs-" + VOLUME);
        byte[] lastFile = Posix.bytes(medium.resolve("c00034951.0001"));
        assertThat(Posix.lstat(lastFile).size()).isEqualTo(480L << 20);
        assertThat(Posix.lstat(lastFile).blocks512() * 512).isLessThan(3 << 20);
        try (LocalTier tier = open()) {
            byte[] back = new byte[1 << 20];
            tier.device().read(firstAddress, MemorySegment.ofArray(back));
            assertThat(back).isEqualTo(bytes);
            tier.device().read(lastAddress, MemorySegment.ofArray(back));
            assertThat(back).isEqualTo(bytes);
            // 252 KiB objects: 1 MiB at 1 MiB touches five of them, at 20 MiB as well.
            assertThat(tier.control().status().media().getFirst().objectsRead()).isEqualTo(10);
            tier.device().read(lastAddress - (1 << 20), MemorySegment.ofArray(back));
            assertThat(back).containsOnly(0);
            tier.device().read(tier.device().sizeBytes() - (6 << 20), MemorySegment.ofArray(back));
            assertThat(back).as("unused end of the data area").containsOnly(0);
        }
    }

    private LocalTier open() throws IOException {
        return LocalTier.open(
                new TierOptions(
                        dir.resolve("volume"),
                        VOLUME,
                        GEOMETRY,
                        List.of("dir:../cold"),
                        1,
                        Long.MAX_VALUE));
    }
}
