package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many inodes and many handles: what the kernel forgets and closes, the daemon does, too. */
@Tag("slow")
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class KernelLoadIT {
    private static final int FILES = 20_000;
    private static final int LARGEST_GROWTH_MIB = 48;

    /** Makes the files, archives the first half, and looks each up by name, over and over. */
    private static final String LOOK_UP =
            """
            import os, sys
            mount, daemon, files, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
            names = [f'{mount}/d{i % 20}/f{i}' for i in range(files)]
            def rss():
                for line in open(f'/proc/{daemon}/status'):
                    if line.startswith('VmRSS'): return int(line.split()[1]) // 1024
            sizes = []
            for round in range(rounds):
                for name in names: os.stat(name)
                open('/proc/sys/vm/drop_caches', 'w').write('2')  # the kernel forgets them all
                sizes.append(rss())
            print(*sizes)
            """;

    private static final String OPEN =
            """
            import os, resource, sys
            mount, count = sys.argv[1], int(sys.argv[2])
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            for turn in range(2):
                handles = [os.open(f'{mount}/d{i % 20}/f{i % 1000}', os.O_RDONLY) for i in range(count)]
                assert all(os.pread(f, 10, 0) == b'x' for f in handles)
                for f in handles: os.close(f)
            print('all')
            """;

    private static void make(TestVolume volume, int files) {
        Path mount = volume.mountPoint();
        String half =
                "for d in $(seq 0 19); do mkdir -p d$d; done; for i in $(seq $1 $2); do printf x >"
                        + " d$((i % 20))/f$i; done";
        Command.of("sh", "-c", half, "sh", 0, files / 2 - 1).in(mount).succeed();
        volume.arc("archive");
        Command.of("sh", "-c", half, "sh", files / 2, files - 1).in(mount).succeed();
    }

    private static void lookUp(int rounds) {
        try (TestVolume volume = TestVolume.makeAndMount("--set", "archive.maxAge=3650d")) {
            make(volume, FILES);
            long daemon = volume.daemon().pid();
            String said =
                    Command.of("python3", "-c", LOOK_UP, volume.mountPoint(), daemon, FILES, rounds)
                            .within(Duration.ofMinutes(20))
                            .succeed()
                            .out();
            int[] rss =
                    Stream.of(said.strip().split(" ", -1)).mapToInt(Integer::parseInt).toArray();
            int warm = rss[rss.length / 5];
            int end = rss[rss.length - 1];
            System.out.printf(
                    "%,d lookups: %d MiB after the first fifth, %d MiB at the end%n",
                    (long) FILES * rounds, warm, end);
            assertThat(end - warm).as("growth in MiB: %s", said).isLessThan(LARGEST_GROWTH_MIB);
        }
    }

    @Test
    void lookupsThatAreForgottenLeaveNothing() {
        lookUp(10);
    }

    @Test
    void aMillionLookupsThatAreForgottenLeaveNothing() {
        lookUp(50);
    }

    @Test
    void tenThousandHandlesAreOpenAtOnceAndLeaveNothing() {
        try (TestVolume volume = TestVolume.makeAndMount("--set", "archive.maxAge=3650d")) {
            make(volume, 1000);
            long daemon = volume.daemon().pid();
            long before = descriptors(daemon);
            assertThat(
                            Command.of("python3", "-c", OPEN, volume.mountPoint(), 10_000)
                                    .succeed()
                                    .out())
                    .isEqualTo("all\n");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> descriptors(daemon) <= before + 5);
        }
    }

    private static long descriptors(long pid) {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return open.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
