package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.cli.daemon.Target;
import io.arcfs.recovery.DescriptorEdit;
import io.arcfs.recovery.DescriptorException;
import io.arcfs.recovery.DescriptorFile;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeLock;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code arc config ...}: arc.json, read and changed with its checks. */
@Command(
        name = "config",
        description = "The configuration of a volume.",
        subcommands = {ConfigVerbs.Get.class, ConfigVerbs.Change.class, ConfigVerbs.Check.class})
final class ConfigVerbs implements Runnable {
    /** What makes a volume this volume; changing it would orphan every container. */
    private static final Set<String> FIXED = Set.of("formatVersion", "uuid", "created", "geometry");

    @Spec CommandSpec spec;

    @picocli.CommandLine.Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    ConfigVerbs() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    private static DescriptorFile read(String target) throws Exception {
        return DescriptorFile.read(Target.of(target).volume().descriptor());
    }

    /** {@code arc config get}. */
    @Command(name = "get", description = "Print every key and its value, or one value.")
    static final class Get extends Verb {
        @Parameters(index = "0", paramLabel = "TARGET", description = "volume or mountpoint")
        String target = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "KEY",
                description = "for example archive.threshold")
        @Nullable String key;

        @Override
        void run() throws Exception {
            ObjectNode tree = read(target).tree();
            if (key == null) {
                print("", tree);
                return;
            }
            JsonNode value = tree;
            for (String name : key.split("\\.", -1)) {
                value = value.path(name);
            }
            if (value.isMissingNode()) {
                throw failure(
                        SafeText.of(key), "no such key is set", "list them with arc config get");
            }
            out().println(SafeText.of(value.isTextual() ? value.asText() : value.toString()));
        }

        private void print(String prefix, ObjectNode node) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                String name = prefix + field.getKey();
                if (field.getValue() instanceof ObjectNode section) {
                    print(name + ".", section);
                } else {
                    JsonNode value = field.getValue();
                    out().println(
                                    name
                                            + " = "
                                            + SafeText.of(
                                                    value.isTextual()
                                                            ? value.asText()
                                                            : value.toString()));
                }
            }
        }
    }

    /** {@code arc config set}. */
    @Command(name = "set", description = "Change a value; takes effect at the next mount.")
    static final class Change extends Verb {
        @Parameters(index = "0", paramLabel = "TARGET", description = "volume or mountpoint")
        String target = "";

        @Parameters(index = "1", paramLabel = "KEY", description = "for example archive.threshold")
        String key = "";

        @Parameters(index = "2", paramLabel = "VALUE", description = "the new value")
        String value = "";

        @Override
        void run() throws Exception {
            Target found = Target.of(target);
            int dot = key.indexOf('.');
            if (FIXED.contains(dot < 0 ? key : key.substring(0, dot))) {
                throw failure(
                        SafeText.of(key), "cannot change in a volume's life", "make a new volume");
            }
            DescriptorEdit edit =
                    DescriptorEdit.of(DescriptorFile.read(found.volume().descriptor()));
            try {
                edit.set(key, value);
                edit.finish().publish();
            } catch (DescriptorException e) {
                throw failure(
                        SafeText.of(key),
                        e.problem(),
                        "nothing was changed; see arc config get " + SafeText.of(target));
            }
            say(
                    VolumeLock.holder(found.volume()).isPresent()
                            ? "set; takes effect at the next mount"
                            : "set");
        }
    }

    /** {@code arc config check}. */
    @Command(name = "check", description = "Check arc.json.")
    static final class Check extends Verb {
        @Parameters(index = "0", paramLabel = "TARGET", description = "volume or mountpoint")
        String target = "";

        @Override
        void run() throws Exception {
            say(SafeText.of(read(target).path()) + ": valid");
        }
    }
}
