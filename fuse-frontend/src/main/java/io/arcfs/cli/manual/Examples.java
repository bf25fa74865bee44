package io.arcfs.cli.manual;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What people type, for every verb; part of its help and of its manual page. Stateless. */
public final class Examples {
    private static final String HEADING = "Examples:";

    /** Commands by verb, each followed by what it does. */
    private static final Map<String, List<String>> BY_VERB =
            Map.ofEntries(
                    Map.entry(
                            "up",
                            List.of(
                                    "arc up", "mount your archive at ~/Archive",
                                    "arc up /srv/films", "mount it elsewhere")),
                    Map.entry(
                            "mkfs",
                            List.of(
                                    "arc mkfs /ssd/films --cold dir:/mnt/disk1",
                                    "SSD in /ssd/films, one cold medium",
                                    "arc mkfs /ssd/films --cold dir:/mnt/disk1"
                                            + " --cold dir:/mnt/disk2 --copies 2",
                                    "every container on both media")),
                    Map.entry(
                            "mount",
                            List.of(
                                    "arc mount /ssd/films /srv/films",
                                    "mount and return",
                                    "arc mount /ssd/films /srv/films -o ro,allow_other",
                                    "for everybody, and nobody can change it",
                                    "arc mount --foreground /ssd/films /srv/films",
                                    "stay here until Ctrl-C")),
                    Map.entry("umount", List.of("arc umount /srv/films", "put it away")),
                    Map.entry(
                            "status",
                            List.of(
                                    "arc status",
                                    "every mounted volume",
                                    "arc status /srv/films --watch",
                                    "redrawn every 2 seconds",
                                    "arc status /srv/films --json | jq .problems",
                                    "for scripts")),
                    Map.entry(
                            "archive",
                            List.of("arc archive /srv/films", "archive what is new, now")),
                    Map.entry(
                            "merge",
                            List.of(
                                    "arc merge /srv/films", "what the policy would merge",
                                    "arc merge /srv/films --all", "all layers into one image")),
                    Map.entry(
                            "flush",
                            List.of(
                                    "arc flush /srv/films",
                                    "wait until all that is archived is verified on its media")),
                    Map.entry(
                            "evict",
                            List.of(
                                    "arc evict /srv/films", "free all the SSD that can be freed",
                                    "arc evict /srv/films /srv/films/2019", "of one folder")),
                    Map.entry(
                            "explain",
                            List.of(
                                    "arc explain /srv/films/heat.mkv",
                                    "where it is, and how long a recall would take",
                                    "arc explain --json /srv/films/2019",
                                    "a whole folder")),
                    Map.entry(
                            "recall",
                            List.of(
                                    "arc recall /srv/films/heat.mkv",
                                    "bring it to the SSD before the evening")),
                    Map.entry(
                            "pin",
                            List.of("arc pin /srv/films/favourites", "keep these on the SSD")),
                    Map.entry("unpin", List.of("arc unpin /srv/films/favourites", "let them go")),
                    Map.entry(
                            "verify",
                            List.of(
                                    "arc verify /srv/films --max-duration 2h",
                                    "read and check for two hours; goes on there next time",
                                    "arc verify /srv/films --repair",
                                    "write damaged copies anew from others")),
                    Map.entry(
                            "gc",
                            List.of(
                                    "arc gc /srv/films --dry-run",
                                    "what it would cost",
                                    "arc gc /srv/films --below 30",
                                    "rewrite containers with less than 30 % in use")),
                    Map.entry(
                            "media list",
                            List.of("arc media list /srv/films", "the pool of media")),
                    Map.entry(
                            "media add",
                            List.of("arc media add /srv/films dir:/mnt/disk3", "take one more")),
                    Map.entry(
                            "media retire",
                            List.of(
                                    "arc media retire /srv/films dir:/mnt/disk1",
                                    "copy what is only there, then let it go")),
                    Map.entry(
                            "media replace",
                            List.of(
                                    "arc media replace /srv/films dir:/mnt/disk1 dir:/mnt/disk4",
                                    "a new disk for an old one")),
                    Map.entry("fsck", List.of("arc fsck /ssd/films", "check a volume, unmounted")),
                    Map.entry(
                            "recover",
                            List.of(
                                    "arc recover /ssd/films",
                                    "what a mount does first, alone",
                                    "arc recover /ssd/films --from-cold dir:/mnt/disk1",
                                    "the SSD is lost: rebuild from the media")),
                    Map.entry(
                            "device start",
                            List.of(
                                    "arc device start volume /ssd/films",
                                    "serve the volume's device as /dev/ublkb0",
                                    "arc device start loop --file disk.img",
                                    "a file as a disk")),
                    Map.entry("device list", List.of("arc device list", "what is served")),
                    Map.entry("device stop", List.of("arc device stop /dev/ublkb0", "end it")),
                    Map.entry(
                            "device recover",
                            List.of("arc device recover", "devices whose server has died")),
                    Map.entry("device del", List.of("arc device del --all", "remove leftovers")),
                    Map.entry(
                            "device dump",
                            List.of(
                                    "arc device dump /srv/films /big/device",
                                    "the whole device as a sparse file")),
                    Map.entry("image ls", List.of("arc image ls meta.00_04 /films", "a folder")),
                    Map.entry(
                            "image cat",
                            List.of(
                                    "arc image cat meta.00 /notes.txt --device device",
                                    "a file's bytes")),
                    Map.entry(
                            "image stat",
                            List.of("arc image stat meta.00 /notes.txt", "its inode")),
                    Map.entry("image check", List.of("arc image check meta.00", "is it whole?")),
                    Map.entry(
                            "image extract",
                            List.of("arc image extract films.erofs films", "the tree as files")),
                    Map.entry(
                            "image build",
                            List.of(
                                    "arc image build films films.erofs",
                                    "one file",
                                    "arc image build films meta --blob data",
                                    "metadata and data apart")),
                    Map.entry(
                            "image merge",
                            List.of("arc image merge all old.erofs new.erofs", "oldest first")),
                    Map.entry(
                            "config get",
                            List.of(
                                    "arc config get /srv/films", "everything",
                                    "arc config get /srv/films archive.threshold", "one value")),
                    Map.entry(
                            "config set",
                            List.of(
                                    "arc config set /srv/films archive.maxAge 1d",
                                    "archive at least daily",
                                    "arc config set /srv/films recall.refuse tumblerd,ffprobe",
                                    "who gets an error instead of cold bytes",
                                    "arc config set /srv/films metrics.listen loopback:9464",
                                    "let Prometheus ask")),
                    Map.entry(
                            "config check", List.of("arc config check /ssd/films", "is it valid?")),
                    Map.entry("doctor", List.of("arc doctor", "what this machine has and lacks")),
                    Map.entry(
                            "completion",
                            List.of(
                                    "eval \"$(arc completion bash)\"",
                                    "for this shell",
                                    "arc completion fish > ~/.config/fish/completions/arc.fish",
                                    "for good")));

    private Examples() {}

    /** Adds examples to the help of every verb below the command. */
    public static void addTo(CommandLine command) {
        for (CommandLine verb : command.getSubcommands().values()) {
            CommandSpec spec = verb.getCommandSpec();
            List<String> footer = footer(nameOf(spec));
            if (!footer.isEmpty()) {
                spec.usageMessage().footer(footer.toArray(String[]::new));
            }
            addTo(verb);
        }
    }

    /** Commands and what they do, in turn; empty for a verb without. */
    public static List<String> of(CommandSpec spec) {
        return BY_VERB.getOrDefault(nameOf(spec), List.of());
    }

    /** "media list" of "arc media list". */
    static String nameOf(CommandSpec spec) {
        return spec.qualifiedName(" ").replaceFirst("^arc ?", "");
    }

    private static List<String> footer(String verb) {
        List<String> examples = BY_VERB.getOrDefault(verb, List.of());
        List<String> lines = new ArrayList<>();
        if (!examples.isEmpty()) {
            lines.add("");
            lines.add(HEADING);
        }
        for (int i = 0; i < examples.size(); i += 2) {
            // picocli reads @|...|@ and % in footers.
            lines.add("  " + examples.get(i).replace("%", "%%"));
            lines.add("      " + examples.get(i + 1).replace("%", "%%"));
        }
        return lines;
    }
}
