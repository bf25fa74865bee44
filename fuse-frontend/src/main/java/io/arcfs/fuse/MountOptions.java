package io.arcfs.fuse;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to mount. {@code default_permissions} is always on and so not here: the kernel checks modes
 * and owners. Immutable.
 *
 * @param flags what is on; everything else is off
 * @param fsName what mount tables show as the source: the volume's path
 * @param subtype file system type, shown as {@code fuse.SUBTYPE}
 * @param threads requests served at the same time
 */
public record MountOptions(
        Set<Flag> flags, String fsName, String subtype, int threads, TransportChoice transport) {
    /** What is on or off. */
    public enum Flag {
        /** Other users than the mounting one may use the mount. */
        ALLOW_OTHER("allow_other", null),
        /** Device files are devices. */
        DEV("dev", "nodev"),
        /** Set-user-ID bits count. */
        SUID("suid", "nosuid"),
        /** Programs can be run. */
        EXEC("exec", "noexec"),
        READ_ONLY("ro", "rw"),
        /** POSIX ACLs are kept and enforced; without, asking for one fails at once. */
        ACL("acl", "noacl"),
        /** Requests come over io_uring where the kernel does that. */
        IO_URING("io_uring", "noio_uring");

        private final String on;
        private final @Nullable String off;

        Flag(String on, @Nullable String off) {
            this.on = on;
            this.off = off;
        }
    }

    /** Which transport is wanted. */
    public enum TransportChoice {
        /** The best that works here. */
        AUTO,
        NATIVE,
        JNR
    }

    /** Requests that wait for cold media hold a thread each; idle threads cost little. */
    private static final int THREADS = 32;

    /** No special files' powers, programs run, read and write. */
    public static final MountOptions DEFAULT =
            new MountOptions(
                    EnumSet.of(Flag.EXEC, Flag.ACL),
                    "arcfs",
                    "arcfs",
                    THREADS,
                    TransportChoice.AUTO);

    private static final String KNOWN =
            "allow_other, dev, nodev, suid, nosuid, exec, noexec, ro, rw, acl, noacl, io_uring,"
                    + " noio_uring, fuse=auto|native|jnr (default_permissions is always on)";

    public MountOptions {
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, not " + threads);
        }
        if (fsName.isEmpty() || fsName.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("fsName must have characters, none of them NUL");
        }
        if (!subtype.matches("[A-Za-z0-9_-]+")) {
            throw new IllegalArgumentException("subtype must be a plain word, not " + subtype);
        }
        EnumSet<Flag> copy = EnumSet.noneOf(Flag.class);
        copy.addAll(flags);
        flags = Collections.unmodifiableSet(copy);
    }

    /**
     * Reads the words of {@code -o}, each of which may be a comma list; later ones win.
     *
     * @throws UnknownMountOptionException naming the first word that is not known
     */
    public static MountOptions parse(List<String> words) {
        MountOptions options = DEFAULT;
        for (String group : words) {
            for (String word : group.split(",", -1)) {
                options = options.with(word.strip());
            }
        }
        return options;
    }

    private MountOptions with(String word) {
        for (Flag flag : Flag.values()) {
            if (word.equals(flag.on)) {
                return with(flag, true);
            }
            if (word.equals(flag.off)) {
                return with(flag, false);
            }
        }
        return switch (word) {
            case "default_permissions" -> this;
            case "fuse=auto" -> withTransport(TransportChoice.AUTO);
            case "fuse=native" -> withTransport(TransportChoice.NATIVE);
            case "fuse=jnr" -> withTransport(TransportChoice.JNR);
            default -> throw new UnknownMountOptionException(word, KNOWN);
        };
    }

    private boolean has(Flag flag) {
        return flags.contains(flag);
    }

    public boolean allowOther() {
        return has(Flag.ALLOW_OTHER);
    }

    public boolean dev() {
        return has(Flag.DEV);
    }

    public boolean suid() {
        return has(Flag.SUID);
    }

    public boolean exec() {
        return has(Flag.EXEC);
    }

    public boolean readOnly() {
        return has(Flag.READ_ONLY);
    }

    public boolean acl() {
        return has(Flag.ACL);
    }

    public boolean ioUring() {
        return has(Flag.IO_URING);
    }

    public MountOptions with(Flag flag, boolean value) {
        EnumSet<Flag> changed = EnumSet.noneOf(Flag.class);
        changed.addAll(flags);
        if (value) {
            changed.add(flag);
        } else {
            changed.remove(flag);
        }
        return new MountOptions(changed, fsName, subtype, threads, transport);
    }

    public MountOptions withFsName(String value) {
        return new MountOptions(flags, value, subtype, threads, transport);
    }

    public MountOptions withThreads(int value) {
        return new MountOptions(flags, fsName, subtype, value, transport);
    }

    public MountOptions withTransport(TransportChoice value) {
        return new MountOptions(flags, fsName, subtype, threads, value);
    }
}
