package io.arcfs.cli.manual;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.cli.verb.ArcModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Everything that is made from the model of the command, and the document that is kept of it. */
class ManualTest {
    private static final Path REFERENCE = Path.of("../docs/commands.md");

    @TempDir Path scratch;

    private static List<CommandLine> verbs() {
        return ManPage.all(ArcModel.get());
    }

    @Test
    void referenceInDocsIsWhatHelpPrints() throws IOException {
        assertThat(Files.readString(REFERENCE))
                .as("make it anew: ./arc manual docs/commands.md")
                .isEqualTo(CommandReference.of(ArcModel.get()));
    }

    @TestFactory
    Stream<DynamicTest> everyVerbHasExamplesThatParse() {
        return verbs().stream()
                .filter(verb -> verb.getSubcommands().isEmpty())
                .map(verb -> {
                    String name = verb.getCommandSpec().qualifiedName(" ");
                    return DynamicTest.dynamicTest(name, () -> examplesParse(verb, name));
                });
    }

    private static void examplesParse(CommandLine verb, String name) {
        List<String> examples = Examples.of(verb.getCommandSpec());
        assertThat(examples).hasSizeGreaterThanOrEqualTo(2);
        for (int i = 0; i < examples.size(); i += 2) {
            String command =
                    examples.get(i)
                            .replaceFirst(" [|>].*", "")
                            .replaceFirst("^eval \"\\$\\((.*)\\)\"$", "$1");
            assertThat(command).startsWith(name);
            String[] words = command.substring("arc ".length()).split(" ");
            ArcModel.get().parseArgs(words);
        }
        assertThat(verb.getUsageMessage(CommandLine.Help.Ansi.OFF)).contains(examples.getFirst());
    }

    @Test
    void pagesAreReadByMan() throws Exception {
        ManPage.writeAll(ArcModel.get(), scratch);
        assertThat(scratch.resolve("arc.1")).exists();
        for (CommandLine verb : verbs()) {
            Path page = scratch.resolve(ManPage.pageName(verb.getCommandSpec()) + ".1");
            assertThat(Files.readString(page))
                    .contains(".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH EXIT STATUS");
        }
        if (has("groff")) {
            List<String> command = new ArrayList<>(List.of("groff", "-man", "-Tutf8", "-ww"));
            try (Stream<Path> pages = Files.list(scratch)) {
                pages.sorted().map(Path::toString).forEach(command::add);
            }
            Ran ran = run(command.toArray(String[]::new));
            assertThat(ran.err()).isEmpty();
            assertThat(ran.out()).contains("arc-status");
        }
    }

    @Test
    void bashCompletesVerbsAndOptions() throws Exception {
        Path script = written("arc.bash", Completion.BASH);
        Ran ran =
                run(
                        "bash",
                        "--norc",
                        "-c",
                        "source \"$1\"; COMP_WORDS=(arc co); COMP_CWORD=1; _complete_arc;"
                                + " echo \"${COMPREPLY[@]}\"; COMP_WORDS=(arc status --j);"
                                + " COMP_CWORD=2; _complete_arc; echo \"${COMPREPLY[@]}\"",
                        "bash",
                        script.toString());
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("config", "completion").contains("--json");
    }

    @Test
    void zshLoadsItAndFindsEveryVerb() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(has("zsh"), "no zsh here");
        written("_arc", Completion.ZSH);
        Ran ran =
                run(
                        "zsh",
                        "-f",
                        "-c",
                        "fpath=($1 $fpath); autoload -Uz compinit; compinit -u -d $1/dump;"
                                + " print ${_comps[arc]}; source $1/_arc;"
                                + " for f in _arc _arc_status _arc_config_set;"
                                + " do print ${+functions[$f]}; done",
                        "zsh",
                        scratch.toString());
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out().lines()).containsExactly("_arc", "1", "1", "1");
    }

    @Test
    void fishCompletesVerbsAndOptions() throws Exception {
        org.junit.jupiter.api.Assumptions.assumeTrue(has("fish"), "no fish here");
        Path script = written("arc.fish", Completion.FISH);
        Ran ran =
                run(
                        "fish",
                        "--no-config",
                        "-c",
                        "source "
                                + script
                                + "; complete -C 'arc conf'; complete -C 'arc config s';"
                                + " complete -C 'arc status --j'");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.out()).contains("config\t", "set\t", "--json\t");
    }

    private Path written(String name, Completion completion) throws IOException {
        return Files.writeString(scratch.resolve(name), completion.scriptOf(ArcModel.get()));
    }

    private record Ran(String out, String err) {}

    private static boolean has(String program) throws Exception {
        return new ProcessBuilder("sh", "-c", "command -v " + program)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private Ran run(String... command) throws Exception {
        Path err = Files.createTempFile(scratch, "err", "");
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                        .redirectError(err.toFile())
                        .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ran(out, Files.readString(err));
    }
}
