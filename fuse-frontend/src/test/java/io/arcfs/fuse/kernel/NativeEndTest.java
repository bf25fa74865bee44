package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.FuseRequirement;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.MountTable;
import io.arcfs.fuse.Shell;
import io.arcfs.posix.Posix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Mounts that end without being asked: nothing hangs, nothing is left. */
class NativeEndTest extends OnNativeMount {
    private static final String HOLD =
            """
            import os, sys
            f = os.open('file', os.O_RDONLY | os.O_DIRECT)
            d = os.open('.', os.O_RDONLY)
            try:
                print(len(os.read(f, 4096)), flush=True)
                sys.stdin.read()
                os.pread(f, 4096, 0)
                print('read', flush=True)
            except OSError as e:
                print(e.errno, flush=True)
            """;

    private final SlowReads slow = SlowReads.ofMedium();

    @BeforeEach
    void rootOnly() throws Exception {
        FuseRequirement.require(Posix.getuid() == 0, "only root unmounts what others use");
        Files.writeString(at("file"), "x".repeat(4096));
    }

    @AfterEach
    void letEverybodyGo() {
        slow.come();
    }

    private static long descriptorsOfFuse() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(NativeEndTest::isFuse).count();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean isFuse(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).equals(Connection.DEVICE);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static long servingThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fuse-"))
                .count();
    }

    private void assertNothingIsLeft() throws Exception {
        mounted().awaitUnmounted();
        assertThat(mounted().isServing()).isFalse();
        assertThat(mounted().openHandles()).isZero();
        eventually("every thread has ended", () -> servingThreads() == 0);
        eventually("every descriptor is closed", () -> descriptorsOfFuse() == 0);
        assertThat(fileSystem.strayOpens()).isZero();
        assertThat(fileSystem.strayReferences()).isZero();
    }

    private String connection() {
        // The connection is named by the minor number of the mount's device.
        String device = MountTable.now().at(root).orElseThrow().device();
        return device.substring(device.indexOf(':') + 1);
    }

    /** Through a fusectl of our own: containers and small systems do not mount it. */
    private void abort() throws Exception {
        Path control = Files.createTempDirectory("fusectl");
        Shell.Outcome mounted =
                Shell.run(Path.of("/"), "mount -t fusectl fusectl \"$1\"", control.toString());
        assertThat(mounted.exitCode()).as(mounted.output()).isZero();
        try {
            Files.writeString(control.resolve(connection()).resolve("abort"), "1");
        } finally {
            Shell.run(Path.of("/"), "umount \"$1\" && rmdir \"$1\"", control.toString());
        }
    }

    private static String said(Process process) throws Exception {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("ends").isTrue();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    @Test
    void aDetachedMountServesItsUsersToTheEnd() throws Exception {
        Process holder = start(HOLD);
        assertThat(holder.inputReader().readLine()).isEqualTo("4096");
        assertThat(Shell.run(Path.of("/"), "umount -l \"$1\"", root.toString()).exitCode())
                .isZero();
        assertThat(MountTable.now().at(root)).isEmpty();
        holder.getOutputStream().close();
        assertThat(holder.inputReader().readLine()).isEqualTo("read");
        assertThat(holder.waitFor()).isZero();

        assertNothingIsLeft();
    }

    @Test
    void aForcedUnmountFailsWhatIsOpen() throws Exception {
        Process holder = start(HOLD);
        assertThat(holder.inputReader().readLine()).isEqualTo("4096");
        Shell.run(Path.of("/"), "umount -f \"$1\"; umount -l \"$1\"", root.toString());
        holder.getOutputStream().close();
        assertThat(holder.inputReader().readLine()).isIn("103", "107");
        assertThat(holder.waitFor()).isZero();

        assertNothingIsLeft();
    }

    @Test
    void anAbortedConnectionFailsWhatIsOpenAndCanBeMountedAgain() throws Exception {
        Process holder = start(HOLD);
        assertThat(holder.inputReader().readLine()).isEqualTo("4096");
        abort();
        holder.getOutputStream().close();
        assertThat(holder.inputReader().readLine()).isIn("103", "107");
        assertThat(holder.waitFor()).isZero();
        assertThat(Shell.run(Path.of("/"), "ls \"$1\"", root.toString()).output())
                .contains("Transport endpoint is not connected");

        assertNothingIsLeft();
        Shell.run(Path.of("/"), "umount \"$1\"", root.toString());
        remount(MountOptions.DEFAULT);
        assertThat(sh("cat file | wc -c")).isEqualTo("4096");
    }

    @Test
    void anAbortEndsRequestsThatWait() throws Exception {
        fileSystem.observe(slow);
        Process reader = start(HOLD);
        eventually("it waits", () -> slow.waiting() == 1);
        abort();

        assertThat(said(reader)).isIn("103", "107");
        eventually("its request is given up", () -> slow.interrupted() == 1);
        assertNothingIsLeft();
        Shell.run(Path.of("/"), "umount \"$1\"", root.toString());
    }

    @Test
    void aMountIsMadeAndEndsWithoutLeakingADescriptor() throws Exception {
        long during = descriptorsOfFuse();
        for (int i = 0; i < 10; i++) {
            remount(MountOptions.DEFAULT);
            sh("cat file > /dev/null");
            assertThat(descriptorsOfFuse()).isEqualTo(during);
        }
    }
}
