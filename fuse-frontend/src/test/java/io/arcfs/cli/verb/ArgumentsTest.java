package io.arcfs.cli.verb;

import static io.arcfs.cli.verb.ArcRun.arc;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {
    @Test
    void noArgumentsIsWrong() {
        arc().refusedWith(2, "no command given", "arc --help");
    }

    @Test
    void helpIsOnStandardOutput() {
        ArcRun help = arc("--help").succeeded();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).contains("up", "mkfs", "mount", "umount", "status", "archive");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "up",
                "mkfs",
                "mount",
                "umount",
                "status",
                "archive",
                "merge",
                "flush",
                "evict",
                "device",
                "device dump",
                "image",
                "image ls",
                "image cat",
                "image stat",
                "image extract",
                "config",
                "config get",
                "config set",
                "config check"
            })
    void everyVerbHasHelp(String verb) {
        Object[] words = (verb + " --help").split(" ");
        ArcRun help = arc(words).succeeded();
        assertThat(help.out()).startsWith("Usage: arc " + verb);
        assertThat(help.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "frobnicate|unknown command 'frobnicate'",
                "--frobnicate|Unknown option: '--frobnicate'",
                "mkfs|Missing required parameter: 'VOLUME'",
                "mkfs --copies|Missing required parameter for option '--copies'",
                "mkfs v --copies x|'x' is not an int",
                "mkfs v --size 10GB|'10GB' must be a size such as 4096, 64K, 100M or 2G",
                "mkfs v --size -1|'-1' must be a size",
                "mkfs v --size 1K --size 2K|should be specified only once",
                "mkfs v --set threshold|--set 'threshold' is not KEY=VALUE",
                "mkfs v --cold /x|--cold '/x' must be dir:PATH",
                "mkfs v --cold s3:x|s3: media are not built yet",
                "mkfs v w|Unmatched argument",
                "mount v|Missing required parameter: 'MOUNTPOINT'",
                "mount v m -o|Missing required parameter for option '-o'",
                "mount v m --foreground=x|",
                "umount|Missing required parameter: 'TARGET'",
                "archive|Missing required parameter: 'TARGET'",
                "merge a b|Unmatched argument",
                "status a b|Unmatched argument",
                "device|no command given",
                "device dump x|Missing required parameter: 'FILE'",
                "image cat x|Missing required parameter: 'PATH'",
                "config set v k|Missing required parameter: 'VALUE'"
            })
    void wrongArgumentsAreOneLineAndExitCodeTwo(String line, String problem) {
        arc((Object[]) line.split(" ")).refusedWith(2, problem == null ? "" : problem);
    }

    @Test
    void messagesStayOneLineWhateverTheArgumentHolds() {
        arc("status", "a\nb\u001b[31m").refusedWith(1, "a\\nb\\x1b[31m: no such file");
        arc("x\ny").refusedWith(2, "unknown command 'x\\ny'");
    }

    @Test
    void doubleDashEndsOptions() {
        arc("status", "--", "--json").refusedWith(1, "--json: no such file or directory");
    }

    @Test
    void emptyPathsAreRefused() {
        arc("status", "").refusedWith(1, "is empty");
        arc("mkfs", "").refusedWith(1, "is empty");
        arc("mount", "", "").refusedWith(2, "may not be empty");
        arc("umount", "").refusedWith(1, "is empty");
        arc("up", "").refusedWith(2, "may not be empty");
        arc("device", "dump", "x", "").refusedWith(2, "may not be empty");
    }

    @Test
    void tooLongPathIsRefused() {
        arc("status", "/" + "x".repeat(5000)).refusedWith(1, "xxx");
    }

    @Test
    void debugAddsTheStackTrace() {
        ArcRun run = arc("status", "/no/such/place", "--debug");
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("arc: /no/such/place: ").contains("CommandFailure");
    }
}
