package io.arcfs.it.device;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * One boot per form; the scripts in it-tests/vm/guest name what they found to hold, and end with an
 * error at the first thing that does not.
 */
@Needs(Capability.VM)
class VirtualMachineIT {
    /** Every check of guest/devices.sh: one that is lost from the script is missed here. */
    private static final List<String> DEVICE_CHECKS =
            List.of(
                    "without-driver",
                    "not-allowed",
                    "unprivileged",
                    "bad-backing",
                    "legacy-numbers",
                    "cut-and-vanished-backing",
                    "null-serves",
                    "second-server-refused",
                    "leftovers-deleted",
                    "flusher-and-locked",
                    "loop-verified",
                    "loop-discard-and-fsck",
                    "write-zeroes",
                    "classes-loaded-before",
                    "recovered-under-load",
                    "stop-under-io",
                    "data-user-copy",
                    "data-get-data");

    private static final List<String> VOLUME_CHECKS =
            List.of(
                    "not-exported-refused",
                    "exported",
                    "archived-through-the-device",
                    "kernel-erofs-reads-every-byte",
                    "recalled-from-cold",
                    "slow-requests-hold-up-nothing",
                    "mount-reads-through-the-device",
                    "recovered-under-readers",
                    "in-process-again");

    @Test
    void devicesServeRecoverAndStopAndTheKernelReadsAVolumeThroughOne() {
        assertThat(checksOf(Duration.ofMinutes(13), "short")).isEqualTo(all());
    }

    @Tag("slow")
    @Test
    void theSameWithMoreDataAndTenCrashes() {
        assertThat(checksOf(Duration.ofMinutes(65), "long")).isEqualTo(all());
    }

    /** A kernel that can serve a file without anybody seeing its bytes. */
    @Tag("slow")
    @Test
    void theNewestKernelServesWithoutCopies() {
        List<String> expected = new ArrayList<>(DEVICE_CHECKS);
        expected.add("data-zero-copy");
        assertThat(
                        checksOf(
                                Duration.ofMinutes(30),
                                "--kernel",
                                "backports",
                                "--only",
                                "devices",
                                "short"))
                .isEqualTo(expected);
    }

    private static List<String> all() {
        List<String> all = new ArrayList<>(DEVICE_CHECKS);
        all.addAll(VOLUME_CHECKS);
        return all;
    }

    private static List<String> checksOf(Duration limit, Object... arguments) {
        List<Object> command = new ArrayList<>();
        command.add(Project.root().resolve("it-tests/vm/devices"));
        command.addAll(List.of(arguments));
        Command.Outcome outcome = Command.of(command.toArray()).within(limit).succeed();
        return outcome.out()
                .lines()
                .filter(line -> line.startsWith("CHECK "))
                .map(line -> line.substring("CHECK ".length()))
                .toList();
    }
}
