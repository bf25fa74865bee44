package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import io.arcfs.it.kit.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Mounting as nobody, through fusermount3. Each test runs in a mount namespace of its own, where
 * /dev/fuse is open to everybody, as udev makes it, and fuse.conf says what the test wants.
 */
@Tag("slow") // half a minute and more
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class OrdinaryUserIT {
    private static final String PREPARE =
            """
            set -eu
            cd "$1" && rm -rf fuse home
            mknod fuse c 10 229 && chmod 666 fuse && mount --bind fuse /dev/fuse
            echo "${CONF:-}" >fuse.conf && mount --bind fuse.conf /etc/fuse.conf
            mkdir -p home && chown -R 65534:65534 home && cd home
            as_nobody() {
                setpriv --reuid 65534 --regid 65534 --clear-groups env -i HOME="$PWD" PATH="$PATH" \
                    JAVA_HOME="$JAVA_HOME" ARCFS_NO_BUILD=1 XDG_RUNTIME_DIR="$PWD" "$@"
            }
            arc() { as_nobody ../app/arc "$@"; }
            as_nobody mkdir m
            arc mkfs v >/dev/null
            """;

    private Path work = Path.of("/");

    /** A copy of the built command: the checkout may lie where nobody may not look. */
    @BeforeEach
    void copyTheCommand() throws IOException {
        work = Scratch.directory("user");
        Path app = Files.createDirectories(work.resolve("app/fuse-frontend/target/run"));
        Path root = Project.root();
        Command.of("cp", "-a", root.resolve("arc"), root.resolve("tools"), work.resolve("app"))
                .succeed();
        Command.of("cp", "-rL", root.resolve("fuse-frontend/target/run/current"), app).succeed();
        Command.of("chmod", "-R", "a+rX", work, Scratch.root()).succeed();
    }

    @AfterEach
    void delete() {
        Scratch.delete(work);
    }

    private Command.Outcome inNamespace(String configuration, String script) {
        return Command.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        PREPARE + script,
                        "sh",
                        work)
                .with("CONF", configuration)
                .with("JAVA_HOME", System.getProperty("java.home"))
                .within(Duration.ofMinutes(3))
                .run();
    }

    private static void assertRefused(Command.Outcome outcome, String... words) {
        assertThat(outcome.exit()).as("%s", outcome).isEqualTo(1);
        assertThat(outcome.err().strip().lines()).as("%s", outcome).hasSize(1);
        assertThat(outcome.err()).startsWith("arc: ").contains(words);
    }

    @Test
    void mountsWorksArchivesAndUnmounts() {
        Command.Outcome outcome =
                inNamespace(
                        "",
                        """
                        arc mount v m >/dev/null
                        grep -q "$PWD/m fuse.arcfs .*user_id=65534" /proc/mounts
                        as_nobody sh -c 'mkdir m/d && cd m && seq 100000 >d/file && ln d/file e && cp -a d f'
                        arc archive v >/dev/null && arc flush v >/dev/null && arc evict v >/dev/null
                        as_nobody sh -c 'seq 100001 100010 >>m/d/file; seq 100010 | cmp - m/e; mv m/e m/g; ls -l m/f >/dev/null'
                        ! ls m 2>/dev/null # not even root: allow_other was not given
                        arc status v --json | tr , '\n' | grep -E '"(fuse|passthrough)"'
                        arc umount m >/dev/null
                        ! grep -q "$PWD/m" /proc/mounts
                        """);
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.out()).contains("native").contains("only root may use FUSE passthrough");
    }

    @Test
    void allowOtherIsForWhoMay() {
        assertRefused(inNamespace("", "arc mount v m -o allow_other"), "user_allow_other");

        Command.Outcome outcome =
                inNamespace(
                        "user_allow_other",
                        """
                        arc mount v m -o allow_other >/dev/null
                        as_nobody sh -c 'echo shared >m/file'
                        cat m/file
                        arc umount m >/dev/null
                        """);
        assertThat(outcome.exit()).as("%s", outcome).isZero();
        assertThat(outcome.out()).isEqualTo("shared\n");
    }

    @Test
    void whatOnlyRootMayIsRefused() {
        assertRefused(inNamespace("", "arc mount v m -o dev"), "only root");
    }

    @Test
    void aMountpointOfSomebodyElseIsRefused() {
        assertRefused(inNamespace("", "mkdir other; arc mount v other"), "other", "may not write");
    }

    @Test
    void aMachineWithoutFusermountIsToldSo() {
        assertRefused(
                inNamespace(
                        "",
                        "for f in fusermount3 fusermount; do p=$(command -v $f) && mount --bind"
                                + " /dev/null \"$(readlink -f \"$p\")\"; done; arc mount v m"),
                "fuse3");
    }

    @Test
    void aDeviceThatIsClosedToTheUserIsNamed() {
        assertRefused(
                inNamespace("", "chmod 600 /dev/fuse; arc mount v m"),
                "/dev/fuse",
                "permission denied");
    }

    /** A container: root of its own namespace, and of nothing else. */
    @Test
    void aUserNamespaceMountsWithoutPassthroughOrSaysWhyNot() {
        Command.Outcome outcome =
                inNamespace(
                        "",
                        """
                        as_nobody unshare --user --map-root-user --mount sh -c '
                            ../app/arc mkfs inner >/dev/null || exit 99 # owned by who is root here
                            ../app/arc mount inner m || exit $?
                            echo inside >m/file && cat m/file
                            ../app/arc status inner --json | tr , "\n" | grep passthrough
                            ../app/arc umount m'
                        """);
        if (outcome.exit() == 0) {
            assertThat(outcome.out()).contains("inside").contains("CAP_SYS_ADMIN");
        } else {
            assertRefused(outcome, "cannot mount");
        }
    }
}
