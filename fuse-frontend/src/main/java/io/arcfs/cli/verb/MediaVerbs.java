package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.recovery.ColdSpec;
import io.arcfs.recovery.SafeText;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code arc media}: the pool of cold media. */
@Command(
        name = "media",
        description = "Show and change the cold media of a volume.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            MediaVerbs.Show.class,
            MediaVerbs.Add.class,
            MediaVerbs.Retire.class,
            MediaVerbs.Replace.class
        })
final class MediaVerbs implements Runnable {
    @Spec CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    MediaVerbs() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** What all share. */
    abstract static class OfTarget extends Verb {
        @Parameters(
                index = "0",
                paramLabel = "TARGET",
                description = "volume directory or mountpoint")
        String target = "";

        void change(String what, String... specs) throws Exception {
            VolumeAccess.run(
                    Target.of(target), new ControlRequest.Media(what, List.of(specs)), progress());
        }

        /** A relative path is the caller's, not the volume's. */
        String absolute(String text) {
            try {
                ColdSpec parsed = ColdSpec.parse(text);
                return new ColdSpec(
                                parsed.scheme(),
                                parsed.path().toAbsolutePath(),
                                parsed.parameters())
                        .toString();
            } catch (IllegalArgumentException e) {
                throw wrongArguments("cold medium '" + text + "' " + e.getMessage());
            }
        }
    }

    /** {@code arc media list}. */
    @Command(name = "list", description = "Show the cold media, their state and what is on them.")
    static final class Show extends OfTarget {
        @Override
        void run() throws Exception {
            JsonNode status =
                    VolumeAccess.run(Target.of(target), new ControlRequest.Status(), progress());
            for (JsonNode medium : status.path("cold")) {
                out().println(
                                SafeText.of(medium.path("spec").asText())
                                        + "   "
                                        + SafeText.of(medium.path("state").asText())
                                        + "   "
                                        + Humane.bytes(medium.path("usedBytes").asLong())
                                        + " used");
            }
        }
    }

    /** {@code arc media add}. */
    @Command(name = "add", description = "Take a medium into the pool; missing copies are made.")
    static final class Add extends OfTarget {
        @Parameters(index = "1", paramLabel = "SPEC", description = "for example dir:/mnt/disk")
        String medium = "";

        @Override
        void run() throws Exception {
            change("add", absolute(medium));
            say("added; missing copies are being made");
        }
    }

    /** {@code arc media retire}. */
    @Command(name = "retire", description = "Let a medium go, when the others have what is on it.")
    static final class Retire extends OfTarget {
        @Parameters(index = "1", paramLabel = "SPEC", description = "as arc media list shows it")
        String medium = "";

        @Override
        void run() throws Exception {
            change("retire", medium);
            say("retired; it can be taken away");
        }
    }

    /** {@code arc media replace}. */
    @Command(name = "replace", description = "Put one medium in the place of another.")
    static final class Replace extends OfTarget {
        @Parameters(index = "1", paramLabel = "OLD", description = "as arc media list shows it")
        String old = "";

        @Parameters(index = "2", paramLabel = "NEW", description = "for example dir:/mnt/disk")
        String medium = "";

        @Override
        void run() throws Exception {
            change("replace", old, absolute(medium));
            say("replaced; the old one can be taken away");
        }
    }
}
