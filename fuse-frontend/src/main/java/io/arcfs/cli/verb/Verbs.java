package io.arcfs.cli.verb;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/**
 * The verbs by name, in the order of the help. A start makes only the model of the verb it runs:
 * that of all takes longer than all the rest of a short command. Stateless.
 */
final class Verbs {
    private static final Map<String, Class<?>> BY_NAME = new LinkedHashMap<>();

    static {
        BY_NAME.put("up", UpVerb.class);
        BY_NAME.put("mkfs", MkfsVerb.class);
        BY_NAME.put("mount", MountVerb.class);
        BY_NAME.put("umount", UmountVerb.class);
        BY_NAME.put("status", StatusVerb.class);
        BY_NAME.put("archive", ArchiveVerb.class);
        BY_NAME.put("merge", MergeVerb.class);
        BY_NAME.put("flush", FlushVerb.class);
        BY_NAME.put("evict", EvictVerb.class);
        BY_NAME.put("recall", RecallVerb.class);
        BY_NAME.put("pin", PinVerbs.Pin.class);
        BY_NAME.put("unpin", PinVerbs.Unpin.class);
        BY_NAME.put("explain", ExplainVerb.class);
        BY_NAME.put("verify", VerifyVerb.class);
        BY_NAME.put("gc", GcVerb.class);
        BY_NAME.put("media", MediaVerbs.class);
        BY_NAME.put("fsck", FsckVerb.class);
        BY_NAME.put("recover", RecoverVerb.class);
        BY_NAME.put("device", DeviceVerbs.class);
        BY_NAME.put("image", ImageVerbs.class);
        BY_NAME.put("config", ConfigVerbs.class);
        BY_NAME.put("doctor", DoctorVerb.class);
        BY_NAME.put("completion", CompletionVerb.class);
        BY_NAME.put("manual", ManualVerb.class);
    }

    private Verbs() {}

    static void addAll(CommandLine command) {
        BY_NAME.forEach(command::addSubcommand);
    }

    /** Adds the verb that these arguments run, or all if that is not clear at a glance. */
    static void addNamed(CommandLine command, String[] arguments) {
        Class<?> verb = arguments.length == 0 ? null : BY_NAME.get(arguments[0]);
        if (verb == null) {
            addAll(command);
        } else {
            command.addSubcommand(arguments[0], verb);
        }
    }
}
