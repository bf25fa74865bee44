package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Transport;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** What is special about a mount over io_uring. */
final class RingMountTest extends OnNativeMount {
    private static final String TOUCH_FROM_EACH_CPU =
            """
            import os
            cpus = os.sched_getaffinity(0)
            for cpu in cpus:
                os.sched_setaffinity(0, {cpu})
                open('made-%d' % cpu, 'x').close()
            print('made from each' if len(os.listdir('.')) == len(cpus) else os.listdir('.'))
            """;

    @Override
    protected Transport transport() {
        return new RingTransport();
    }

    private static long ringThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("fuse-ring-"))
                .count();
    }

    @Test
    void everyCpuHasAReader() throws Exception {
        assertThat(ringThreads()).isEqualTo(RingTransport.queues());
        // From each CPU: its own queue serves it.
        assertThat(python(TOUCH_FROM_EACH_CPU)).isEqualTo("made from each");
        mounted().unmount();
        eventually("its readers end", () -> ringThreads() == 0);
    }

    @Test
    void itIsNotHandedOverAndGoesOn() throws Exception {
        Files.writeString(at("file"), "x");
        assertThatThrownBy(() -> mounted().handOver())
                .isInstanceOf(MountException.class)
                .hasMessageContaining("cannot be handed over")
                .hasMessageContaining("without io_uring")
                .hasMessageNotContaining("\n");
        assertThat(sh("cat file; mkdir d; ls")).contains("x").contains("d");
    }

    @Test
    void whereTheKernelHasItSwitchedOffTheMountWorksWithout() throws Exception {
        mounted().unmount();
        String before = RingTransport.parameter("N");
        try (var mount =
                new NativeTransport()
                        .mount(
                                fileSystem,
                                root,
                                MountOptions.DEFAULT.with(MountOptions.Flag.IO_URING, true))) {
            mount.awaitServing(SERVING_LIMIT);
            assertThat(mount.ioUringOff().orElse("on"))
                    .contains("switched off")
                    .contains("enable_uring");
            sh("echo x > file; cat file");
        } finally {
            RingTransport.parameter(before);
        }
    }
}
