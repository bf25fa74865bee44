package io.arcfs.fuse;

import io.arcfs.posix.Errno;
import io.arcfs.posix.Posix;
import io.arcfs.posix.PosixException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * What must hold before a mount is tried, checked without changing anything, so that a refusal is
 * one line of ours instead of several of somebody else's.
 */
public final class MountCheck {
    private static final Path DEVICE = Path.of("/dev/fuse");
    private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");

    private MountCheck() {}

    /**
     * Checks a mountpoint and what mounting needs.
     *
     * @return the mountpoint, absolute and without symbolic links
     */
    public static Path check(Path mountpoint, MountOptions options) throws MountException {
        Path real = directory(mountpoint);
        if (MountTable.now().at(real).isPresent()) {
            throw cannot(mountpoint, "something is mounted there", "unmount it first");
        }
        empty(mountpoint, real);
        if (Posix.getuid() != 0) {
            asUser(mountpoint, real, options);
        }
        device(mountpoint);
        return real;
    }

    private static Path directory(Path mountpoint) throws MountException {
        Path absolute = mountpoint.toAbsolutePath().normalize();
        if (isDeadMount(absolute)) {
            throw cannot(
                    mountpoint,
                    "a mount whose server died is still there",
                    "remove it with: fusermount3 -u -z " + absolute);
        }
        if (!Files.exists(mountpoint, LinkOption.NOFOLLOW_LINKS)) {
            throw cannot(mountpoint, "it does not exist", "make the directory first");
        }
        if (!Files.isDirectory(mountpoint)) {
            throw cannot(mountpoint, "it is not a directory", "give a directory");
        }
        try {
            return mountpoint.toRealPath();
        } catch (IOException e) {
            throw cannot(mountpoint, reason(e), "give a directory you can use");
        }
    }

    /**
     * Whether the mount at this directory has lost its server: everything but its place in the
     * mount table answers ENOTCONN. A mount that only keeps this user out is not dead.
     */
    public static boolean isDeadMount(Path mountpoint) {
        try {
            Posix.lstat(Posix.bytes(mountpoint));
            return false;
        } catch (PosixException e) {
            return e.errno() == Errno.ENOTCONN;
        } catch (IOException e) {
            return false;
        }
    }

    private static void empty(Path mountpoint, Path real) throws MountException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(real)) {
            if (entries.iterator().hasNext()) {
                throw cannot(
                        mountpoint,
                        "the directory is not empty and the mount would hide what it holds",
                        "give an empty directory");
            }
        } catch (IOException e) {
            throw cannot(mountpoint, reason(e), "give a directory you can read");
        }
    }

    private static void asUser(Path mountpoint, Path real, MountOptions options)
            throws MountException {
        if (options.dev() || options.suid()) {
            throw cannot(mountpoint, "only root may mount with dev or suid", "leave them out");
        }
        if (!Files.isWritable(real)) {
            throw cannot(mountpoint, "you may not write there", "give a directory of yours");
        }
        if (Programs.find("fusermount3").isEmpty() && Programs.find("fusermount").isEmpty()) {
            throw cannot(
                    mountpoint,
                    "fusermount3 is missing and only root can do without it",
                    "install the package fuse3");
        }
        if (options.allowOther() && !userAllowOther()) {
            throw cannot(
                    mountpoint,
                    "allow_other is not open to users here",
                    "leave it out, or add the line user_allow_other to " + CONFIGURATION);
        }
    }

    private static boolean userAllowOther() {
        try {
            List<String> lines = Files.readAllLines(CONFIGURATION);
            return lines.stream().anyMatch(line -> line.strip().equals("user_allow_other"));
        } catch (IOException e) {
            return false; // fusermount cannot read it either, and refuses
        }
    }

    private static void device(Path mountpoint) throws MountException {
        if (!Files.exists(DEVICE)) {
            throw cannot(
                    mountpoint,
                    "there is no " + DEVICE,
                    "load the kernel module with: modprobe fuse (in a container, pass the device"
                            + " in)");
        }
        try (FileChannel _ =
                FileChannel.open(DEVICE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            return;
        } catch (IOException e) {
            throw cannot(
                    mountpoint,
                    DEVICE + " cannot be opened (" + reason(e) + ")",
                    "let this user read and write it");
        }
    }

    private static String reason(IOException e) {
        if (e instanceof FileSystemException named && named.getReason() != null) {
            return named.getReason();
        }
        return e instanceof AccessDeniedException
                ? "permission denied"
                : String.valueOf(e.getMessage());
    }

    private static MountException cannot(Path mountpoint, String why, String whatToDo) {
        return new MountException("cannot mount at " + mountpoint + ": " + why + "; " + whatToDo);
    }
}
