package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixFile;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.HeadSettings;
import io.arcfs.tier.TierStatus;
import io.arcfs.tier.catalog.TierCatalog;
import io.arcfs.tier.medium.DirectoryMedium;
import io.arcfs.tier.medium.FaultyMedium;
import io.arcfs.tier.medium.MediaPool;
import io.arcfs.tier.medium.PooledMedium;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A volume with a tiny geometry and its cold media, opened and reopened by a test. */
final class TierFixture implements AutoCloseable {
    static final Geometry TINY = new Geometry(4096, 64 << 10, 12 << 10, 1_900 << 10, 2 << 20, 16);
    static final UUID VOLUME = UUID.fromString("0f2a7a5c-9c1e-4c57-9d1b-5d2f3a6b7c8d");
    static final byte[] DESCRIPTOR = "{\"volume\":1}".getBytes(StandardCharsets.UTF_8);

    final Path root;
    final int copies;
    final long ssdLimitBytes;
    private final List<String> cold;

    /** What is wrong with each medium; nothing at first. */
    final List<FaultyMedium.Faults> faults;

    /** Stands between the tier and its catalog from the next reopening on. */
    UnaryOperator<TierCatalog> catalogSeam = UnaryOperator.identity();

    /** From the next reopening on. */
    Duration recallTimeout = Duration.ofMinutes(1);

    long destageBytesPerSecond;
    HeadSettings heads = HeadSettings.DEFAULT;

    /** Whether a test damages what makes a medium known. */
    boolean mediaMayFail;

    LocalTier tier;

    private TierFixture(Path root, int copies, int media, long ssdLimitBytes) throws IOException {
        this.root = root;
        this.copies = copies;
        this.ssdLimitBytes = ssdLimitBytes;
        this.cold =
                IntStream.range(0, media).mapToObj(i -> "dir:" + root.resolve("cold" + i)).toList();
        this.faults = cold.stream().map(spec -> new FaultyMedium.Faults()).toList();
        this.tier = openTier();
    }

    private LocalTier openTier() throws IOException {
        return LocalTier.open(options(), catalogSeam, this::pool);
    }

    /** The same media as the real pool's, with the faults in between. */
    private MediaPool pool(TierCatalog catalog) throws IOException {
        List<PooledMedium> media = new ArrayList<>();
        for (int i = 0; i < cold.size(); i++) {
            Path path = root.resolve("cold" + i);
            FaultyMedium.Faults fault = faults.get(i);
            PooledMedium medium =
                    new PooledMedium(
                            cold.get(i),
                            id ->
                                    new FaultyMedium(
                                            DirectoryMedium.openOrCreate(path, VOLUME, TINY),
                                            fault),
                            catalog.media().get(cold.get(i)));
            try {
                catalog.putMedium(cold.get(i), medium.open().id());
            } catch (IOException e) {
                assertThat(fault.absent || mediaMayFail).isTrue();
            }
            media.add(medium);
        }
        return new MediaPool(media);
    }

    static TierFixture open(Path root) throws IOException {
        return new TierFixture(root, 1, 1, Long.MAX_VALUE);
    }

    static TierFixture open(Path root, int copies, int media) throws IOException {
        return new TierFixture(root, copies, media, Long.MAX_VALUE);
    }

    static TierFixture openLimited(Path root, long ssdLimitBytes) throws IOException {
        return new TierFixture(root, 1, 1, ssdLimitBytes);
    }

    TierOptions options() {
        return new TierOptions(
                root.resolve("volume"),
                VOLUME,
                TINY,
                cold,
                copies,
                ssdLimitBytes,
                recallTimeout,
                destageBytesPerSecond,
                Duration.ofMillis(10),
                heads);
    }

    void reopen() throws IOException {
        tier.close();
        tier = openTier();
    }

    /** Opens what was closed. */
    void reopenClosed() throws IOException {
        tier = openTier();
    }

    /** What is left when the process dies now: a copy of the volume, opened on its own media. */
    TierFixture crash(Path copy) throws IOException, InterruptedException {
        // The catalog first: what a medium has gained meanwhile was not committed yet.
        copy("volume", copy);
        for (int medium = 0; medium < cold.size(); medium++) {
            copy("cold" + medium, copy);
        }
        return new TierFixture(copy, copies, cold.size(), ssdLimitBytes);
    }

    /** Copies a folder of a tier at work: a file may be published while it is copied. */
    private void copy(String name, Path target) throws IOException, InterruptedException {
        int exit = 1;
        for (int tries = 0; exit != 0 && tries < 10; tries++) {
            exit =
                    new ProcessBuilder(
                                    "cp",
                                    "-a",
                                    "--sparse=always",
                                    root.resolve(name).toString(),
                                    target.toString())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor();
        }
        assertThat(exit).isZero();
    }

    Path ssd(String name) {
        return root.resolve("volume/ssd").resolve(name);
    }

    Path medium(int index) {
        return root.resolve("cold" + index).resolve("arcfs-" + VOLUME);
    }

    static byte[] random(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    void write(long address, byte[] bytes) throws IOException {
        tier.device().write(address, MemorySegment.ofArray(bytes));
    }

    byte[] read(long address, int length) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment target = arena.allocate(length, 4096);
            target.fill((byte) 0x5a);
            tier.device().read(address, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** Fills a container with what {@link #random} gives for the seed, and closes it. */
    byte[] fillAndClose(ContainerId id, long seed, int length) throws IOException {
        byte[] bytes = random(seed, length);
        tier.control().open(id);
        long start = TINY.firstDataAddress(id.number());
        write(start, bytes);
        tier.device().flush();
        tier.control().close(id, start + length, List.of(), DESCRIPTOR);
        return bytes;
    }

    TierStatus.Medium status(int medium) {
        return tier.control().status().media().get(medium);
    }

    List<String> problems() {
        return tier.control().status().problems();
    }

    /** Turns one bit of a file around. */
    static void flip(Path file, long offset) throws IOException {
        try (PosixFile open = PosixFile.open(file, OpenFlag.READ, OpenFlag.WRITE)) {
            byte[] one = new byte[1];
            assertThat(open.read(offset, MemorySegment.ofArray(one))).isEqualTo(1);
            one[0] ^= 0x20;
            open.write(offset, MemorySegment.ofArray(one));
        }
    }

    @Override
    public void close() throws IOException {
        tier.close();
    }
}
