package io.arcfs.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.memory.MemoryFileSystem;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What every contract below has: a real mount of a file system in memory for each test, and after
 * it the proof that nothing is left. A transport is tested by a class per contract that names it.
 */
@Tag("fuse")
@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class TransportContract {
    protected static final long CAPACITY_BYTES = 64 << 20;
    protected static final Duration SERVING_LIMIT = Duration.ofSeconds(20);

    @TempDir protected Path scratch;

    protected MemoryFileSystem fileSystem = new MemoryFileSystem(CAPACITY_BYTES);

    /** Where the file system shows. */
    protected Path root = Path.of("/");

    /** Set by {@link #mount}. */
    private @Nullable Mount mount;

    protected abstract Transport transport();

    @BeforeEach
    void mountBeforeEach() throws Exception {
        FuseRequirement.check();
        root = Files.createDirectory(scratch.resolve("mountpoint"));
        mount(MountOptions.DEFAULT);
    }

    @AfterEach
    void unmountAfterEach() throws IOException {
        Mount mounted = mount;
        if (mounted == null) {
            return;
        }
        mounted.close();
        assertThat(MountTable.now().at(root)).as("mount left behind").isEmpty();
        assertThat(fileSystem.strayOpens()).as("opens never released").isZero();
        assertThat(fileSystem.strayReferences()).as("references never given back").isZero();
    }

    /** The mount of this test. */
    protected Mount mounted() {
        if (mount == null) {
            throw new IllegalStateException("not mounted");
        }
        return mount;
    }

    /** Mounts with other options than the usual ones. */
    protected Mount remount(MountOptions options) throws Exception {
        mounted().unmount();
        return mount(options);
    }

    private Mount mount(MountOptions options) throws Exception {
        root = root.toRealPath();
        Mount mounted = transport().mount(fileSystem, root, options);
        mount = mounted;
        mounted.awaitServing(SERVING_LIMIT);
        return mounted;
    }

    protected byte[] path(String name) {
        return Posix.bytes(root.resolve(name));
    }

    protected Path at(String name) {
        return root.resolve(name);
    }

    /** Runs a script in the mount; it must succeed. Returns what it said. */
    protected String sh(String script, String... arguments) throws Exception {
        Shell.Outcome outcome = Shell.run(root, script, arguments);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    /** Runs Python in the mount; it must succeed. Returns what it said. */
    protected String python(String program, String... arguments) throws Exception {
        FuseRequirement.require(Shell.has("python3"), "python3 is needed for calls Java lacks");
        Shell.Outcome outcome = Shell.python(root, program, arguments);
        assertThat(outcome.exitCode()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    /** A handle that appends; makes the file. */
    protected FileChannel append(String name) throws IOException {
        return FileChannel.open(at(name), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** What a reader finds from where it stands to the end. */
    protected static String rest(FileChannel reader) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        int count;
        do {
            count = reader.read(buffer);
        } while (count > 0);
        return new String(buffer.array(), 0, buffer.position(), UTF_8);
    }

    /** Waits for what the kernel may do a moment later. */
    protected static void eventually(String what, BooleanSupplier condition)
            throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            Thread.sleep(10);
        }
    }
}
