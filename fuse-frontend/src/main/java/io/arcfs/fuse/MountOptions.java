package io.arcfs.fuse;

import java.util.List;

/**
 * How to mount. {@code default_permissions} is always on and so not here: the kernel checks modes
 * and owners. Immutable.
 *
 * @param allowOther other users than the mounting one may use the mount
 * @param dev device files are devices
 * @param suid set-user-ID bits count
 * @param exec programs can be run
 * @param acl POSIX ACLs are kept and enforced; without, asking for one fails at once
 * @param ioUring requests come over io_uring where the kernel does that
 * @param fsName what mount tables show as the source: the volume's path
 * @param subtype file system type, shown as {@code fuse.SUBTYPE}
 * @param threads requests served at the same time
 */
public record MountOptions(
        boolean allowOther,
        boolean dev,
        boolean suid,
        boolean exec,
        boolean readOnly,
        boolean acl,
        boolean ioUring,
        String fsName,
        String subtype,
        int threads,
        TransportChoice transport) {
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
                    false,
                    false,
                    false,
                    true,
                    false,
                    true,
                    false,
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
        return switch (word) {
            case "default_permissions" -> this;
            case "allow_other" -> withAllowOther(true);
            case "dev" -> withDev(true);
            case "nodev" -> withDev(false);
            case "suid" -> withSuid(true);
            case "nosuid" -> withSuid(false);
            case "exec" -> withExec(true);
            case "noexec" -> withExec(false);
            case "ro" -> withReadOnly(true);
            case "rw" -> withReadOnly(false);
            case "acl" -> withAcl(true);
            case "noacl" -> withAcl(false);
            case "io_uring" -> withIoUring(true);
            case "noio_uring" -> withIoUring(false);
            case "fuse=auto" -> withTransport(TransportChoice.AUTO);
            case "fuse=native" -> withTransport(TransportChoice.NATIVE);
            case "fuse=jnr" -> withTransport(TransportChoice.JNR);
            default -> throw new UnknownMountOptionException(word, KNOWN);
        };
    }

    public MountOptions withAllowOther(boolean value) {
        return new MountOptions(
                value, dev, suid, exec, readOnly, acl, ioUring, fsName, subtype, threads,
                transport);
    }

    public MountOptions withDev(boolean value) {
        return new MountOptions(
                allowOther,
                value,
                suid,
                exec,
                readOnly,
                acl,
                ioUring,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withSuid(boolean value) {
        return new MountOptions(
                allowOther,
                dev,
                value,
                exec,
                readOnly,
                acl,
                ioUring,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withExec(boolean value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                value,
                readOnly,
                acl,
                ioUring,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withReadOnly(boolean value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                value,
                acl,
                ioUring,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withAcl(boolean value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                readOnly,
                value,
                ioUring,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withIoUring(boolean value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                readOnly,
                acl,
                value,
                fsName,
                subtype,
                threads,
                transport);
    }

    public MountOptions withFsName(String value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                readOnly,
                acl,
                ioUring,
                value,
                subtype,
                threads,
                transport);
    }

    public MountOptions withThreads(int value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                readOnly,
                acl,
                ioUring,
                fsName,
                subtype,
                value,
                transport);
    }

    public MountOptions withTransport(TransportChoice value) {
        return new MountOptions(
                allowOther,
                dev,
                suid,
                exec,
                readOnly,
                acl,
                ioUring,
                fsName,
                subtype,
                threads,
                value);
    }
}
