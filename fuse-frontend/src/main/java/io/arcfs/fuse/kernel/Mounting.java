package io.arcfs.fuse.kernel;

import io.arcfs.fuse.MountException;
import io.arcfs.fuse.MountOptions;
import io.arcfs.fuse.Programs;
import io.arcfs.fuse.abi.Descriptors;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the mount and gives the descriptor of /dev/fuse that belongs to it: root by mount(2), a
 * user through fusermount3, which mounts for him and passes the descriptor over a socket.
 */
final class Mounting {
    private static final long MS_RDONLY = 1;
    private static final long MS_NOSUID = 2;
    private static final long MS_NODEV = 4;
    private static final long MS_NOEXEC = 8;

    private Mounting() {}

    static int mount(Path mountpoint, MountOptions options) throws MountException {
        try {
            return Posix.getuid() == 0
                    ? asRoot(mountpoint, options)
                    : throughFusermount(mountpoint, options);
        } catch (IOException e) {
            throw new MountException("cannot mount at " + mountpoint + ": " + e.getMessage(), e);
        }
    }

    private static int asRoot(Path mountpoint, MountOptions options) throws IOException {
        int device = Descriptors.openDevice(Connection.DEVICE);
        try {
            Descriptors.mount(
                    options.fsName(),
                    mountpoint,
                    "fuse." + options.subtype(),
                    flags(options),
                    data(device, options));
            return device;
        } catch (PosixException e) {
            Descriptors.close(device);
            throw e;
        }
    }

    private static long flags(MountOptions options) {
        return (options.readOnly() ? MS_RDONLY : 0)
                | (options.suid() ? 0 : MS_NOSUID)
                | (options.dev() ? 0 : MS_NODEV)
                | (options.exec() ? 0 : MS_NOEXEC);
    }

    private static String data(int device, MountOptions options) throws IOException {
        return "fd="
                + device
                + ",rootmode=40000,user_id="
                + Posix.getuid()
                + ",group_id="
                + Files.getAttribute(Path.of("/proc/self"), "unix:gid")
                + ",default_permissions"
                + (options.allowOther() ? ",allow_other" : "");
    }

    private static int throughFusermount(Path mountpoint, MountOptions options)
            throws IOException, MountException {
        Path program =
                Programs.find("fusermount3")
                        .or(() -> Programs.find("fusermount"))
                        .orElseThrow(() ->
                                new MountException(
                                        "cannot mount at "
                                                + mountpoint
                                                + ": fusermount3 is missing; install the"
                                                + " package fuse3"));
        int[] sockets = Descriptors.socketPair();
        int device;
        int status;
        try {
            int pid =
                    Descriptors.spawn(
                            List.of(
                                    program.toString(),
                                    "-o",
                                    String.join(",", words(options)),
                                    "--",
                                    mountpoint.toString()),
                            List.of("_FUSE_COMMFD=" + sockets[1], "PATH=/usr/bin:/bin:/usr/sbin"));
            Descriptors.close(sockets[1]);
            sockets[1] = -1;
            device = Descriptors.receive(sockets[0]);
            status = Descriptors.await(pid);
        } finally {
            for (int socket : sockets) {
                if (socket >= 0) {
                    Descriptors.close(socket);
                }
            }
        }
        if (device < 0) {
            throw new MountException(
                    "cannot mount at "
                            + mountpoint
                            + ": fusermount3 refused (status "
                            + (status >> 8)
                            + "); its reason stands on standard error");
        }
        return device;
    }

    private static List<String> words(MountOptions options) {
        List<String> words = new ArrayList<>();
        words.add(options.readOnly() ? "ro" : "rw");
        words.add("nosuid"); // checked before: only root may have suid and dev
        words.add("nodev");
        words.add(options.exec() ? "exec" : "noexec");
        words.add("default_permissions");
        words.add("subtype=" + options.subtype());
        words.add("fsname=" + options.fsName().replace("\\", "\\\\").replace(",", "\\,"));
        if (options.allowOther()) {
            words.add("allow_other");
        }
        return words;
    }
}
