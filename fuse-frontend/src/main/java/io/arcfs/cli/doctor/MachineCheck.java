package io.arcfs.cli.doctor;

import io.arcfs.fuse.Programs;
import io.arcfs.posix.Posix;
import io.arcfs.recovery.SafeText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Looks at the machine: what mounting needs, what makes it fast, what other verbs need. Changes
 * nothing. Stateless but for the root of what it looks at.
 */
public final class MachineCheck {
    private static final Pattern RELEASE = Pattern.compile("([0-9]+)\\.([0-9]+).*", Pattern.DOTALL);
    private static final int NEEDED_JAVA = 25;
    private static final long ENOUGH_DESCRIPTORS = 4096;

    private final Path root;

    public MachineCheck() {
        this(Path.of("/"));
    }

    /**
     * @param root of the file system to look at, for tests
     */
    MachineCheck(Path root) {
        this.root = root;
    }

    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        findings.add(java());
        findings.add(fuseDevice());
        findings.add(fusermount());
        findings.add(allowOther());
        findings.add(passthrough());
        findings.add(fuseOverIoUring());
        findings.add(erofs());
        findings.add(ublk());
        findings.add(ioUring());
        findings.add(descriptors());
        return findings;
    }

    private static Finding java() {
        int version = Runtime.version().feature();
        String says = "Java " + Runtime.version() + " in " + System.getProperty("java.home");
        return version >= NEEDED_JAVA
                ? Finding.ok("java", says)
                : Finding.problem("java", says, "install a JDK " + NEEDED_JAVA);
    }

    private Finding fuseDevice() {
        Path device = at("dev/fuse");
        if (!Files.exists(device)) {
            return Finding.problem(
                    "fuse-device",
                    "there is no /dev/fuse",
                    "modprobe fuse; in a container, pass the device in");
        }
        try (FileChannel _ =
                FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return Finding.ok("fuse-device", "/dev/fuse can be opened");
        } catch (IOException e) {
            return Finding.problem(
                    "fuse-device",
                    "/dev/fuse cannot be opened",
                    "let this user read and write it: chmod 0666 /dev/fuse");
        }
    }

    private static Finding fusermount() {
        Optional<Path> program =
                Stream.of("fusermount3", "fusermount")
                        .flatMap(name -> Programs.find(name).stream())
                        .findFirst();
        if (program.isPresent()) {
            return Finding.ok("fusermount", program.get() + " is there");
        }
        return Posix.getuid() == 0
                ? Finding.hint(
                        "fusermount", "fusermount3 is missing", "users need it: apt install fuse3")
                : Finding.problem(
                        "fusermount",
                        "fusermount3 is missing, and only root mounts without it",
                        "apt install fuse3");
    }

    private Finding allowOther() {
        boolean open =
                lines("etc/fuse.conf").stream()
                        .anyMatch(line -> line.strip().equals("user_allow_other"));
        return open
                ? Finding.ok("allow-other", "users may mount with allow_other")
                : Finding.hint(
                        "allow-other",
                        "only root may mount with allow_other",
                        "to let users: add the line user_allow_other to /etc/fuse.conf");
    }

    private Finding passthrough() {
        String release = text("proc/sys/kernel/osrelease");
        Matcher version = RELEASE.matcher(release);
        if (!version.matches()) {
            return Finding.hint("passthrough", "the kernel's version is not known", "");
        }
        int major = Integer.parseInt(version.group(1));
        int minor = Integer.parseInt(version.group(2));
        String kernel = "Linux " + SafeText.of(release);
        if (major < 6 || (major == 6 && minor < 9)) {
            return Finding.hint(
                    "passthrough",
                    kernel + " has no FUSE passthrough; files on SSD are read through the daemon",
                    "for speed: a kernel of 6.9 or later");
        }
        return Posix.getuid() == 0
                ? Finding.ok("passthrough", kernel + ", FUSE passthrough may be used")
                : Finding.hint(
                        "passthrough",
                        kernel + " gives FUSE passthrough to root only",
                        "for speed: mount as root with allow_other");
    }

    private Finding fuseOverIoUring() {
        String switchedOn = text("sys/module/fuse/parameters/enable_uring");
        if (switchedOn.equals("Y")) {
            return Finding.ok("fuse-io-uring", "mounts with -o io_uring get their requests so");
        }
        return switchedOn.isEmpty()
                ? Finding.hint(
                        "fuse-io-uring",
                        "FUSE over io_uring is not there; only mounts with -o io_uring would use"
                                + " it",
                        "for speed: a kernel of 6.14 or later")
                : Finding.hint(
                        "fuse-io-uring",
                        "FUSE over io_uring is switched off; only mounts with -o io_uring use it",
                        "for speed, as root: echo Y >/sys/module/fuse/parameters/enable_uring");
    }

    private Finding erofs() {
        boolean known =
                lines("proc/filesystems").stream().anyMatch(line -> line.endsWith("\terofs"));
        return known || Files.isDirectory(at("sys/module/erofs"))
                ? Finding.ok("erofs", "the kernel mounts EROFS: archives are readable without arc")
                : Finding.hint(
                        "erofs",
                        "EROFS is not loaded; arc does not need it",
                        "to mount images with the kernel: modprobe erofs");
    }

    private Finding ublk() {
        return Files.exists(at("dev/ublk-control"))
                ? Finding.ok("ublk", "/dev/ublk-control is there: arc device works")
                : Finding.hint(
                        "ublk",
                        "no /dev/ublk-control; only arc device start needs it",
                        "modprobe ublk_drv");
    }

    private Finding ioUring() {
        String disabled = text("proc/sys/kernel/io_uring_disabled");
        return disabled.isEmpty() || disabled.equals("0")
                ? Finding.ok("io-uring", "io_uring may be used")
                : Finding.hint(
                        "io-uring",
                        "io_uring is switched off; arc device start and mounts with -o io_uring"
                                + " need it",
                        "sysctl kernel.io_uring_disabled=0");
    }

    private Finding descriptors() {
        for (String line : lines("proc/self/limits")) {
            if (line.startsWith("Max open files")) {
                String[] words = line.substring("Max open files".length()).strip().split("\\s+");
                boolean few =
                        words[0].matches("[0-9]+") && Long.parseLong(words[0]) < ENOUGH_DESCRIPTORS;
                String says = "a process may have " + words[0] + " files open";
                return few
                        ? Finding.warning("open-files", says, "raise it: ulimit -n 65536")
                        : Finding.ok("open-files", says);
            }
        }
        return Finding.hint("open-files", "the limit of open files is not known", "");
    }

    private Path at(String path) {
        return root.resolve(path);
    }

    private String text(String path) {
        try {
            return Files.readString(at(path)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private List<String> lines(String path) {
        try {
            return Files.readAllLines(at(path));
        } catch (IOException e) {
            return List.of();
        }
    }
}
