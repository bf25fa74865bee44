package io.arcfs.tier.head;

import io.arcfs.failpoint.Failpoint;
import io.arcfs.posix.AtomicPublish;
import io.arcfs.posix.Errno;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import io.arcfs.tier.ContainerId;
import io.arcfs.tier.HeadExtent.Kind;
import io.arcfs.tier.catalog.TierCatalog;
import io.arcfs.tier.head.HeadFile.Content;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What stays of a container on the SSD when its cache file goes. Heads are first only noted; when
 * the container is evicted their bytes are packed into a file, before the cache file's bytes go.
 *
 * <p>Bounded: when the files take more than their share, the oldest shrink first: in the older half
 * of the containers beginnings of files are cut to {@value #CUT_BYTES} bytes, then the heads of the
 * oldest containers go altogether.
 *
 * <p>Thread-safe. Files are used under the shared lock and come and go under the exclusive one.
 */
public final class HeadCache implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HeadCache.class);
    private static final Pattern NAME = Pattern.compile("h(\\d{8,10})\\.(\\d{4,10})");
    private static final String NOTED = "heads of ";
    private static final String SHRUNK = "shrunk heads";
    private static final int MOST_OPEN = 64;
    static final int CUT_BYTES = 64 << 10;

    private final Path directory;
    private final UUID volume;
    private final TierCatalog catalog;
    private final long shareBytes;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final Map<ContainerId, Heads> containers = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong shrunkContainers = new AtomicLong();

    /** The heads of a container. Guarded by the lock, but for its use. */
    private static final class Heads {
        HeadRuns noted = new HeadRuns();
        volatile boolean hasNoted;
        long fileBytes;
        volatile boolean hasFile;
        @Nullable HeadFile open;
        volatile long usedNanos = System.nanoTime();
    }

    /** Gives bytes of a container's cache file. */
    @FunctionalInterface
    public interface Source {
        /** Whether the bytes are here. */
        default boolean has(long offset, long length) {
            return true;
        }

        /** Fills the target with checked bytes. */
        void read(long offset, MemorySegment target) throws IOException;
    }

    private HeadCache(Path directory, UUID volume, TierCatalog catalog, long shareBytes) {
        this.directory = directory;
        this.volume = volume;
        this.catalog = catalog;
        this.shareBytes = shareBytes;
    }

    /**
     * @param shareBytes the most that the files take
     */
    public static HeadCache open(Path directory, UUID volume, TierCatalog catalog, long shareBytes)
            throws IOException {
        Files.createDirectories(directory);
        AtomicPublish.removeTemporaries(directory);
        HeadCache cache = new HeadCache(directory, volume, catalog, shareBytes);
        for (byte[] bytes : Posix.list(Posix.bytes(directory))) {
            String name = new String(bytes, StandardCharsets.UTF_8);
            ContainerId id = parse(name);
            if (id != null) {
                Heads heads = cache.of(id);
                heads.hasFile = true;
                cache.count(heads, Files.size(directory.resolve(name)));
            }
        }
        for (String note : catalog.notes(NOTED)) {
            ContainerId id = parse("h" + note.substring(NOTED.length()));
            byte[] value = catalog.note(note).orElse(null);
            if (id != null && value != null) {
                cache.of(id).noted = HeadRuns.decode(value);
                cache.of(id).hasNoted = true;
            }
        }
        cache.shrunkContainers.set(
                catalog.note(SHRUNK).map(b -> ByteBuffer.wrap(b).getLong()).orElse(0L));
        return cache;
    }

    private static @Nullable ContainerId parse(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return null;
        }
        try {
            return new ContainerId(
                    Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        } catch (IllegalArgumentException e) {
            return null; // a number beyond int: none of ours
        }
    }

    private static String name(ContainerId id) {
        return String.format(Locale.ROOT, "%08d.%04d", id.number(), id.sequence());
    }

    private Path path(ContainerId id) {
        return directory.resolve("h" + name(id));
    }

    private Heads of(ContainerId id) {
        return containers.computeIfAbsent(id, i -> new Heads());
    }

    private void count(Heads heads, long now) {
        bytes.addAndGet(now - heads.fileBytes);
        heads.fileBytes = now;
    }

    /** SSD that the files take. */
    public long bytes() {
        return bytes.get();
    }

    /** How many containers' heads had to be cut or dropped. */
    public long shrunkContainers() {
        return shrunkContainers.get();
    }

    /** The most that the files take. */
    public long shareBytes() {
        return shareBytes;
    }

    /** Notes heads, to be kept when their container is evicted. Idempotent. */
    public void note(ContainerId id, List<HeadRun> runs) throws IOException {
        lock.writeLock().lock();
        try {
            Heads heads = of(id);
            HeadFile file = open(id, heads);
            for (HeadRun run : runs) {
                List<HeadRun> fresh = file == null ? List.of(run) : file.missing(run);
                fresh.forEach(heads.noted::add);
            }
            putNoted(id, heads);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void putNoted(ContainerId id, Heads heads) throws IOException {
        boolean any = !heads.noted.isEmpty();
        catalog.putNote(NOTED + name(id), any ? heads.noted.encode() : null);
        heads.hasNoted = any;
    }

    /** Whether there is something for {@link #store} to do. */
    public boolean isNoted(ContainerId id) {
        Heads heads = containers.get(id);
        return heads != null && heads.hasNoted;
    }

    /** Whether a read of these whole blocks would be served. */
    public boolean covers(ContainerId id, long offset, long length) throws IOException {
        if (!hasFile(id)) {
            return false;
        }
        try (Use use = use(id)) {
            return use.file != null && use.file.covers(offset, length);
        }
    }

    private boolean hasFile(ContainerId id) {
        Heads heads = containers.get(id);
        return heads != null && heads.hasFile;
    }

    /** Reads whole blocks; false if they are not all here, or not as they were. */
    public boolean read(ContainerId id, long offset, MemorySegment target) throws IOException {
        if (!hasFile(id)) {
            return false;
        }
        List<HeadRun> damaged;
        try (Use use = use(id)) {
            if (use.file == null || !use.file.covers(offset, target.byteSize())) {
                return false;
            }
            damaged = use.file.read(offset, target);
        }
        if (damaged.isEmpty()) {
            return true;
        }
        LOG.warn("{}: the head at {} is damaged on the SSD", id, damaged.getFirst().offset());
        replace(id, damaged.getFirst());
        return false;
    }

    /** A file in use; the shared lock is held until it is closed. */
    private final class Use implements AutoCloseable {
        final @Nullable HeadFile file;

        Use(@Nullable HeadFile file) {
            this.file = file;
        }

        @Override
        public void close() {
            lock.readLock().unlock();
        }
    }

    @SuppressWarnings("LockNotBeforeTry") // unlocked by Use.close()
    private Use use(ContainerId id) throws IOException {
        while (true) {
            lock.readLock().lock();
            Heads heads = containers.get(id);
            if (heads == null || !heads.hasFile || heads.open != null) {
                if (heads != null) {
                    heads.usedNanos = System.nanoTime();
                }
                return new Use(heads == null ? null : heads.open);
            }
            lock.readLock().unlock();
            lock.writeLock().lock();
            try {
                open(id, heads);
            } finally {
                lock.writeLock().unlock();
            }
        }
    }

    /** Exclusive lock held: the container's file, opened; null if there is none. */
    private @Nullable HeadFile open(ContainerId id, Heads heads) throws IOException {
        if (heads.open != null || !heads.hasFile) {
            return heads.open;
        }
        closeIdle();
        try {
            heads.open = HeadFile.open(path(id), volume, id);
        } catch (IOException e) {
            // What is on media needs no head: it costs a recall, and nothing else.
            LOG.warn("{}: its heads are lost: {}", id, e.getMessage());
            drop(id, heads);
        }
        return heads.open;
    }

    private void closeIdle() throws IOException {
        record Used(Heads heads, long nanos) {} // they are used meanwhile: each time is read once
        List<Heads> open =
                containers.values().stream()
                        .filter(h -> h.open != null)
                        .map(h -> new Used(h, h.usedNanos))
                        .sorted(Comparator.comparingLong(Used::nanos))
                        .map(Used::heads)
                        .toList();
        for (Heads heads : open.subList(0, Math.max(0, open.size() - MOST_OPEN + 1))) {
            close(heads);
        }
    }

    private static void close(Heads heads) throws IOException {
        HeadFile file = heads.open;
        heads.open = null;
        if (file != null) {
            file.close();
        }
    }

    /** Exclusive lock held: removes the container's file. */
    private void drop(ContainerId id, Heads heads) throws IOException {
        close(heads);
        try {
            Posix.unlink(Posix.bytes(path(id)));
            Failpoint.DISCARD_REMOVED.reach();
        } catch (PosixException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
        heads.hasFile = false;
        count(heads, 0);
    }

    /**
     * Packs noted heads whose bytes are here; called before they go. Heads whose bytes are not here
     * stay noted.
     */
    public void store(ContainerId id, Source source) throws IOException {
        Heads heads = containers.get(id);
        if (heads == null || !heads.hasNoted) {
            return;
        }
        lock.writeLock().lock();
        try {
            HeadFile file = open(id, heads);
            List<Content> contents = contents(file);
            List<HeadRun> fresh = new ArrayList<>();
            for (HeadRun run : heads.noted.list()) {
                if (source.has(run.offset(), run.length())) {
                    contents.add(new Content(run, target -> source.read(run.offset(), target)));
                    fresh.add(run);
                }
            }
            if (fresh.isEmpty()) {
                return;
            }
            write(id, heads, file == null ? System.currentTimeMillis() : file.stamp(), contents);
            if (heads.hasFile) {
                fresh.forEach(heads.noted::remove);
                putNoted(id, heads);
            }
            shrink();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** What a file holds. */
    private static List<Content> contents(@Nullable HeadFile file) {
        List<Content> contents = new ArrayList<>();
        if (file != null) {
            for (HeadRun run : file.runs()) {
                contents.add(new Content(run, target -> load(file, run, target)));
            }
        }
        return contents;
    }

    private static void load(HeadFile file, HeadRun run, MemorySegment target) throws IOException {
        if (!file.read(run.offset(), target).isEmpty()) {
            throw new IOException(file + ": the head at " + run.offset() + " is damaged");
        }
    }

    private void write(ContainerId id, Heads heads, long stamp, List<Content> contents)
            throws IOException {
        contents.sort(Comparator.comparingLong(c -> c.run().offset()));
        try {
            HeadFile.write(path(id), volume, id, stamp, contents);
        } catch (IOException e) {
            // Most likely one of the old heads is damaged: they cost a recall, and nothing else.
            LOG.warn("{}: its heads are dropped: {}", id, e.getMessage());
            drop(id, heads);
            return;
        }
        close(heads);
        heads.hasFile = true;
        count(heads, Files.size(path(id)));
    }

    /** Takes a damaged run out of its file, to be kept again when its bytes have been recalled. */
    private void replace(ContainerId id, HeadRun damaged) throws IOException {
        lock.writeLock().lock();
        try {
            Heads heads = of(id);
            HeadFile file = open(id, heads);
            if (file == null) {
                return;
            }
            List<Content> rest = contents(file);
            rest.removeIf(content -> content.run().equals(damaged));
            long stamp = file.stamp();
            if (rest.isEmpty()) {
                drop(id, heads);
            } else {
                write(id, heads, stamp, rest);
            }
            heads.noted.add(damaged);
            putNoted(id, heads);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Exclusive lock held: the oldest shrink first, down to nine tenths of the share. */
    private void shrink() throws IOException {
        if (bytes.get() <= shareBytes) {
            return;
        }
        long target = shareBytes - shareBytes / 10;
        record Aged(ContainerId id, Heads heads, long stamp) {}
        List<Aged> oldest = new ArrayList<>();
        for (Map.Entry<ContainerId, Heads> entry : containers.entrySet()) {
            HeadFile file = open(entry.getKey(), entry.getValue());
            if (file != null) {
                oldest.add(new Aged(entry.getKey(), entry.getValue(), file.stamp()));
            }
        }
        oldest.sort(Comparator.comparingLong(Aged::stamp).thenComparing(Aged::id));
        long shrunk = 0;
        for (Aged aged : oldest.subList(0, oldest.size() / 2)) {
            if (bytes.get() > target && cut(aged.id(), aged.heads())) {
                shrunk++;
            }
        }
        for (Aged aged : oldest) {
            if (bytes.get() > target) {
                drop(aged.id(), aged.heads());
                shrunk++;
            }
        }
        LOG.info("heads of {} containers shrunk: their share of the SSD is full", shrunk);
        long all = shrunkContainers.addAndGet(shrunk);
        catalog.putNote(SHRUNK, ByteBuffer.allocate(8).putLong(all).array());
    }

    /** Cuts the beginnings of files; false if they are short already. */
    private boolean cut(ContainerId id, Heads heads) throws IOException {
        HeadFile file = open(id, heads);
        if (file == null || file.runs().stream().noneMatch(HeadCache::isLong)) {
            return false;
        }
        List<Content> cut = new ArrayList<>();
        for (HeadRun run : file.runs()) {
            HeadRun rest = isLong(run) ? run.part(run.offset(), run.offset() + CUT_BYTES) : run;
            cut.add(new Content(rest, target -> load(file, rest, target)));
        }
        write(id, heads, file.stamp(), cut);
        return true;
    }

    private static boolean isLong(HeadRun run) {
        return run.kind() == Kind.HEAD && run.length() > CUT_BYTES;
    }

    /** The container is released: nothing of it is kept. Idempotent. */
    public void forget(ContainerId id) throws IOException {
        lock.writeLock().lock();
        try {
            Heads heads = containers.remove(id);
            if (heads != null) {
                drop(id, heads);
            }
            catalog.putNote(NOTED + name(id), null);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Containers of which there are heads, noted or stored. */
    public List<ContainerId> containers() {
        return containers.keySet().stream().sorted().toList();
    }

    @Override
    public void close() throws IOException {
        lock.writeLock().lock();
        try {
            for (Heads heads : containers.values()) {
                close(heads);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
