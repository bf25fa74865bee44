package io.arcfs.it.kit;

import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a machine must offer for some tests, found by trying it. {@code ARCFS_REQUIRE} (names with
 * commas) says what must be there: a required capability that is missing fails, another one is a
 * skip with its reason. Thread-safe.
 */
public enum Capability {
    ROOT {
        @Override
        Optional<String> tryIt() {
            return Command.of("id", "-u").succeed().out().strip().equals("0")
                    ? Optional.empty()
                    : Optional.of("not root");
        }
    },
    FUSE {
        @Override
        Optional<String> tryIt() {
            Path device = Path.of("/dev/fuse");
            if (!Files.isReadable(device) || !Files.isWritable(device)) {
                return Optional.of("/dev/fuse is not there or not open to this user");
            }
            if (missing("fusermount3") && missing("fusermount")) {
                return Optional.of("no fusermount (package fuse3)");
            }
            String libraries =
                    Command.of("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin ldconfig -p").run().out();
            return libraries.contains("libfuse.so.2")
                    ? Optional.empty()
                    : Optional.of("no libfuse.so.2 (package libfuse2)");
        }
    },
    LOOP {
        @Override
        Optional<String> tryIt() throws IOException {
            Path directory = Scratch.directory("probe");
            Path file = Files.write(directory.resolve("disk"), new byte[1 << 20]);
            Command.Outcome made = Command.of("losetup", "-r", "-f", "--show", file).run();
            if (made.exit() == 0) {
                Command.of("losetup", "-d", made.out().strip()).succeed();
            }
            Scratch.delete(directory);
            return reason(made);
        }
    },
    EROFS {
        @Override
        Optional<String> tryIt() throws IOException {
            if (missing("mkfs.erofs") || missing("fsck.erofs")) {
                return Optional.of("no mkfs.erofs or fsck.erofs (package erofs-utils)");
            }
            Path directory = Scratch.directory("probe");
            Path tree = Files.createDirectory(directory.resolve("tree"));
            Path image = directory.resolve("image");
            Path mountPoint = Files.createDirectory(directory.resolve("mnt"));
            Command.of("mkfs.erofs", image, tree).succeed();
            Command.Outcome mounted =
                    Command.of("mount", "-t", "erofs", "-o", "ro,loop", image, mountPoint).run();
            if (mounted.exit() == 0) {
                Command.of("umount", mountPoint).succeed();
            }
            Scratch.delete(directory);
            return reason(mounted);
        }
    },
    OVERLAYFS {
        @Override
        Optional<String> tryIt() throws IOException {
            Path directory = Scratch.directory("probe");
            for (String name : new String[] {"a", "b", "mnt"}) {
                Files.createDirectory(directory.resolve(name));
            }
            Command.Outcome mounted =
                    Command.of(
                                    "mount",
                                    "-t",
                                    "overlay",
                                    "overlay",
                                    "-o",
                                    "ro,redirect_dir=follow,lowerdir=%s/a:%s/b"
                                            .formatted(directory, directory),
                                    directory.resolve("mnt"))
                            .run();
            if (mounted.exit() == 0) {
                Command.of("umount", directory.resolve("mnt")).succeed();
            }
            Scratch.delete(directory);
            return reason(mounted);
        }
    },
    /** A file system that shares blocks between files. */
    XFS {
        @Override
        Optional<String> tryIt() throws IOException {
            if (missing("mkfs.xfs")) {
                return Optional.of("no mkfs.xfs (package xfsprogs)");
            }
            return Files.readString(Path.of("/proc/filesystems")).contains("\txfs\n")
                    ? Optional.empty()
                    : Optional.of("no xfs in /proc/filesystems");
        }
    },
    /** For the tests of the rings, which stand beside the module and look for it themselves. */
    IOURING {
        @Override
        Optional<String> tryIt() {
            try (IoUring _ = IoUring.open(RingSetup.entries(2))) {
                return Optional.empty();
            } catch (IOException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    },
    /** A virtual machine of it-tests/vm: QEMU and a Debian kernel, installed when they may be. */
    VM {
        @Override
        Optional<String> tryIt() {
            return reason(
                    Command.of(Project.root().resolve("it-tests/vm/setup"), "6.12")
                            .within(Duration.ofMinutes(10))
                            .run());
        }
    },
    /** A player and a screen that nobody sees: installed when they may be. */
    PLAYER {
        @Override
        Optional<String> tryIt() {
            return reason(desktopSetup("player"));
        }
    },
    /** A file manager with its thumbnailer, on such a screen. */
    FILE_MANAGER {
        @Override
        Optional<String> tryIt() {
            return reason(desktopSetup("file-manager"));
        }
    },
    /** What makes and installs Debian packages. */
    DPKG {
        @Override
        Optional<String> tryIt() {
            return missing("dpkg-deb") || missing("dpkg")
                    ? Optional.of("no dpkg: not a Debian")
                    : Optional.empty();
        }
    };

    private static final Map<Capability, Optional<String>> PROBED = new ConcurrentHashMap<>();

    abstract Optional<String> tryIt() throws IOException;

    /** Why this machine lacks it; empty when it is there. */
    public Optional<String> missingBecause() {
        Optional<String> known = PROBED.get(this);
        if (known == null) {
            known = probe();
            PROBED.put(this, known);
        }
        return known;
    }

    public boolean isRequired() {
        return required().contains(wireName());
    }

    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The names in {@code ARCFS_REQUIRE}, known here or not. */
    public static Set<String> required() {
        String names = System.getenv().getOrDefault("ARCFS_REQUIRE", "");
        Set<String> set = new LinkedHashSet<>();
        Arrays.stream(names.split(",", -1)).map(String::strip).forEach(set::add);
        set.remove("");
        return set;
    }

    private Optional<String> probe() {
        try {
            return tryIt();
        } catch (IOException | AssertionError e) {
            return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse("?"));
        }
    }

    private static Command.Outcome desktopSetup(String what) {
        return Command.of(Project.root().resolve("it-tests/desktop/setup"), what)
                .within(Duration.ofMinutes(10))
                .run();
    }

    private static boolean missing(String program) {
        return Command.of("sh", "-c", "PATH=$PATH:/sbin:/usr/sbin command -v \"$1\"", "sh", program)
                        .run()
                        .exit()
                != 0;
    }

    private static Optional<String> reason(Command.Outcome tried) {
        return tried.exit() == 0
                ? Optional.empty()
                : Optional.of(tried.err().strip().replace('\n', ' '));
    }
}
