package io.arcfs.tier.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.ContainerState;
import io.arcfs.tier.DeviceExtent;
import io.arcfs.tier.Geometry;
import io.arcfs.tier.Priority;
import io.arcfs.tier.UnreadableObjectException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random operations, faults, restarts and crashes against a model in memory, with readers beside
 * them: every byte is the model's, whatever happened, and nothing is served that is not.
 */
@Timeout(120)
final class TierPropertyTest {
    private static final Geometry TINY = TierFixture.TINY;
    private static final int BLOCK = 4096;
    private static final int OPERATIONS = 110;

    @TempDir Path dir;

    /** What a container must hold; open ones also what of it is flushed. */
    private static final class Model {
        byte[] bytes = new byte[(int) TINY.dataBytes()];
        BitSet written = new BitSet();
        byte[] flushedBytes = new byte[0];
        BitSet flushedBlocks = new BitSet();
        boolean open = true;
        final int sequence;

        Model(int sequence) {
            this.sequence = sequence;
        }

        void flush() {
            flushedBytes = bytes.clone();
            flushedBlocks = (BitSet) written.clone();
        }

        void crash() {
            if (open) {
                bytes = Arrays.copyOf(flushedBytes, bytes.length);
                written = (BitSet) flushedBlocks.clone();
            }
        }
    }

    private final Map<Integer, Model> model = new TreeMap<>();

    /** Sequences of containers that were given back. */
    private final Map<Integer, Integer> released = new TreeMap<>();

    /** Contents of closed containers, for the readers. */
    private final Map<Integer, byte[]> closed = new ConcurrentHashMap<>();

    private final ReentrantReadWriteLock restarts = new ReentrantReadWriteLock();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final Queue<Throwable> readerFailures = new ConcurrentLinkedQueue<>();
    private int crashes;

    @ParameterizedTest
    @ValueSource(longs = {1, 20260101, 424242})
    void everyByteIsTheModelsWhateverHappens(long seed) throws Exception {
        Random random = new Random(seed);
        TierFixture fixture =
                TierFixture.open(
                        Files.createDirectory(dir.resolve("life0")), 1 + random.nextInt(2), 2);
        AtomicReference<TierFixture> current = new AtomicReference<>(fixture);
        List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Random own = new Random(random.nextLong());
            readers.add(Thread.ofPlatform().start(() -> readOn(current, own)));
        }
        String step = "start";
        try {
            for (int i = 0; i < OPERATIONS; i++) {
                step = "seed " + seed + " step " + i;
                operate(current, random);
                assertThat(readerFailures).as(step).isEmpty();
            }
            heal(current.get());
            current.get().tier.control().awaitDestaged();
            current.get().tier.control().evictAll();
            compareAll(current.get());
        } catch (Throwable t) {
            throw new AssertionError("failed at " + step, t);
        } finally {
            stop.set(true);
            heal(current.get());
            for (Thread reader : readers) {
                reader.join();
            }
            current.get().close();
        }
        assertThat(readerFailures).isEmpty();
    }

    private void operate(AtomicReference<TierFixture> current, Random random) throws Exception {
        TierFixture fixture = current.get();
        switch (random.nextInt(18)) {
            case 0, 1 -> openNext(fixture);
            case 2, 3, 4, 5 -> writeSome(fixture, random);
            case 6 -> {
                fixture.tier.device().flush();
                model.values().stream().filter(m -> m.open).forEach(Model::flush);
            }
            case 7, 8 -> closeOne(fixture, random);
            case 9 -> fixture.tier.control().evictAll();
            case 10 -> fixture.tier.control().evict(someExtents(random));
            case 11 -> recallSome(fixture, random);
            case 12 -> {
                heal(fixture);
                fixture.faults.get(random.nextInt(2)).failsWrites = random.nextBoolean();
                fixture.faults.get(random.nextInt(2)).failsReads = random.nextInt(4) == 0;
            }
            case 13 -> {
                heal(fixture);
                fixture.tier.control().awaitDestaged();
            }
            case 14 -> restart(current, random);
            case 16, 17 -> releaseOne(fixture, random);
            default -> compareAll(fixture);
        }
        compareSome(fixture == current.get() ? fixture : current.get(), random);
    }

    private static void heal(TierFixture fixture) {
        fixture.faults.forEach(fault -> {
            fault.failsWrites = false;
            fault.failsReads = false;
        });
    }

    private void openNext(TierFixture fixture) throws IOException {
        int number = 0;
        while (model.containsKey(number)) {
            number++;
        }
        if (number < TINY.containers() && model.values().stream().filter(m -> m.open).count() < 2) {
            Model fresh = new Model(fixture.tier.control().nextSequence(number));
            assertThat(fresh.sequence).isEqualTo(1 + released.getOrDefault(number, 0));
            fixture.tier.control().open(new ContainerId(number, fresh.sequence));
            fresh.flush();
            model.put(number, fresh);
        }
    }

    private void writeSome(TierFixture fixture, Random random) throws IOException {
        for (Map.Entry<Integer, Model> entry : model.entrySet()) {
            Model container = entry.getValue();
            if (!container.open) {
                continue;
            }
            long start = TINY.containerStart(entry.getKey());
            int first = (int) ((TINY.firstDataAddress(entry.getKey()) - start) / BLOCK);
            int blocks = (int) (TINY.dataBytes() / BLOCK);
            int at = first + random.nextInt(blocks - first);
            int end = Math.min(blocks, at + 1 + random.nextInt(64));
            int taken = container.written.nextSetBit(at);
            end = taken < 0 ? end : Math.min(end, taken);
            if (at >= end) {
                continue;
            }
            byte[] bytes = new byte[(end - at) * BLOCK];
            random.nextBytes(bytes);
            fixture.write(start + (long) at * BLOCK, bytes);
            System.arraycopy(bytes, 0, container.bytes, at * BLOCK, bytes.length);
            container.written.set(at, end);
        }
    }

    private void closeOne(TierFixture fixture, Random random) throws IOException {
        for (Map.Entry<Integer, Model> entry : model.entrySet()) {
            Model container = entry.getValue();
            if (container.open && random.nextBoolean()) {
                int number = entry.getKey();
                int end = container.written.length() * BLOCK;
                // The last block of an image need not be full.
                int used = Math.max(0, end - random.nextInt(BLOCK));
                fixture.tier
                        .control()
                        .close(
                                new ContainerId(number, container.sequence),
                                TINY.containerStart(number) + used,
                                List.of(),
                                TierFixture.DESCRIPTOR);
                container.open = false;
                closed.put(number, container.bytes.clone());
                return;
            }
        }
    }

    /** As when a volume is opened: nobody reads meanwhile. */
    private void releaseOne(TierFixture fixture, Random random) throws IOException {
        restarts.writeLock().lock();
        try {
            for (Map.Entry<Integer, Model> entry : model.entrySet()) {
                Model container = entry.getValue();
                if (!container.open && random.nextInt(4) == 0) {
                    int number = entry.getKey();
                    fixture.tier.control().release(new ContainerId(number, container.sequence));
                    model.remove(number);
                    closed.remove(number);
                    released.put(number, container.sequence);
                    return;
                }
            }
        } finally {
            restarts.writeLock().unlock();
        }
    }

    private List<DeviceExtent> someExtents(Random random) {
        List<DeviceExtent> extents = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long address =
                    random.nextLong(TINY.containerBytes() * Math.max(1, model.size()))
                            / BLOCK
                            * BLOCK;
            extents.add(new DeviceExtent(address, 1 + random.nextInt(400_000)));
        }
        return extents;
    }

    private void recallSome(TierFixture fixture, Random random) throws IOException {
        try {
            fixture.tier
                    .control()
                    .recall(
                            someExtents(random),
                            random.nextBoolean() ? Priority.PRESTAGE : Priority.READAHEAD);
        } catch (UnreadableObjectException e) {
            assertThat(fixture.faults).anyMatch(fault -> fault.failsReads);
        }
    }

    private void restart(AtomicReference<TierFixture> current, Random random) throws Exception {
        restarts.writeLock().lock();
        try {
            TierFixture before = current.get();
            if (random.nextBoolean()) {
                before.reopen();
                model.values().forEach(Model::flush); // a clean close flushes
            } else {
                crashes++;
                Path life = Files.createDirectory(dir.resolve("life" + crashes));
                TierFixture after = before.crash(life);
                before.close();
                current.set(after);
                model.values().forEach(Model::crash);
            }
        } finally {
            restarts.writeLock().unlock();
        }
    }

    private void compareAll(TierFixture fixture) throws IOException {
        for (Map.Entry<Integer, Model> entry : model.entrySet()) {
            compare(
                    fixture,
                    entry.getKey(),
                    entry.getValue().bytes,
                    0,
                    entry.getValue().bytes.length);
        }
    }

    private void compareSome(TierFixture fixture, Random random) throws IOException {
        for (Map.Entry<Integer, Model> entry : model.entrySet()) {
            byte[] bytes = entry.getValue().bytes;
            int at = random.nextInt(bytes.length);
            int length = Math.min(bytes.length - at, random.nextInt(100_000));
            compare(fixture, entry.getKey(), bytes, at, length);
        }
    }

    private static void compare(
            TierFixture fixture, int number, byte[] expected, int at, int length)
            throws IOException {
        byte[] actual;
        try {
            actual = fixture.read(TINY.containerStart(number) + at, length);
        } catch (UnreadableObjectException e) {
            if (String.valueOf(e.getMessage()).contains("injected")) {
                return; // refused, not served wrongly
            }
            throw e;
        }
        long wrong =
                MemorySegment.ofArray(actual)
                        .mismatch(MemorySegment.ofArray(expected).asSlice(at, length));
        assertThat(wrong)
                .as(
                        "container %d (%s), first wrong byte of a read at %d",
                        number,
                        fixture.tier.control().containers().entrySet().stream()
                                .filter(e -> e.getKey().number() == number)
                                .map(Map.Entry::getValue)
                                .findFirst()
                                .orElse(ContainerState.OPEN),
                        at)
                .isEqualTo(-1);
    }

    private void readOn(AtomicReference<TierFixture> current, Random random) {
        while (!stop.get() && readerFailures.isEmpty()) {
            restarts.readLock().lock();
            try {
                for (Map.Entry<Integer, byte[]> entry : closed.entrySet()) {
                    int at = random.nextInt(entry.getValue().length - 40_000);
                    compare(
                            current.get(),
                            entry.getKey(),
                            entry.getValue(),
                            at,
                            random.nextInt(40_000));
                }
                Thread.sleep(1);
            } catch (Throwable t) {
                readerFailures.add(t);
            } finally {
                restarts.readLock().unlock();
            }
        }
    }
}
