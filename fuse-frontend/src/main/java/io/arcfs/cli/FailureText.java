package io.arcfs.cli;

import io.arcfs.fuse.MountException;
import io.arcfs.overlay.FsException;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.recovery.DescriptorException;
import io.arcfs.recovery.NotExportedException;
import io.arcfs.recovery.SafeText;
import io.arcfs.recovery.VolumeInUseException;
import io.arcfs.ublk.UblkUnavailableException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.ReadOnlyFileSystemException;
import org.jspecify.annotations.Nullable;

/** Turns what went wrong into what people are told (C1); the only place that does. Stateless. */
public final class FailureText {
    public static final String DEBUG = "run again with --debug for details";

    private FailureText() {}

    /**
     * @param subject what the command was about, for failures that do not say it themselves
     */
    public static CommandFailure of(Throwable failure, String subject) {
        return switch (failure) {
            case CommandFailure told -> told;
            case DescriptorException e ->
                    new CommandFailure(
                            SafeText.of(e.file()),
                            e.problem(),
                            "correct the file, then try again",
                            e);
            case VolumeInUseException e ->
                    new CommandFailure(
                            SafeText.of(e.volume()),
                            "volume already open by " + e.holder(),
                            "use it there, or end that process first",
                            e);
            case MountException e ->
                    CommandFailure.ofLine(String.valueOf(e.getMessage()), DEBUG, e);
            case NotExportedException e ->
                    new CommandFailure(
                            SafeText.of(e.volume()),
                            "device is \"ublk\" in arc.json, and no server exports the volume",
                            "start it first: arc device start volume "
                                    + SafeText.of(e.volume())
                                    + ", or set device to auto",
                            e);
            case UblkUnavailableException e ->
                    new CommandFailure("ublk", String.valueOf(e.getMessage()), e.remedy(), e);
            case FsException e when e.reason() == FsException.Reason.NOT_FOUND ->
                    new CommandFailure(
                            subject, String.valueOf(e.getMessage()), "check the path", e);
            case PosixException e ->
                    new CommandFailure(
                            subject, String.valueOf(e.getMessage()), remedyFor(e.errno()), e);
            case FileSystemException e -> ofFile(e, subject);
            case InvalidPathException e ->
                    new CommandFailure(
                            SafeText.of(e.getInput()),
                            "no path that can be used here: " + e.getReason(),
                            "give a path of valid UTF-8",
                            e);
            case ReadOnlyFileSystemException e ->
                    new CommandFailure(subject, "the file system is read-only", DEBUG, e);
            case InterruptedException e ->
                    new CommandFailure(subject, "interrupted", "try again", e);
            case OutOfMemoryError e ->
                    new CommandFailure(
                            subject,
                            "out of memory",
                            "give more with ARCFS_JAVA_OPTIONS=-Xmx1g",
                            e);
            default -> new CommandFailure(subject, reasonOf(failure), DEBUG, failure);
        };
    }

    /** The line without its prefix, safe for a terminal. */
    public static String line(CommandFailure failure) {
        return SafeText.of(failure.what() + ": " + failure.why() + "; " + failure.remedy());
    }

    private static CommandFailure ofFile(FileSystemException e, String subject) {
        String what = e.getFile() == null ? subject : SafeText.of(e.getFile());
        return switch (e) {
            case NoSuchFileException _ ->
                    new CommandFailure(what, "no such file or directory", "check the path", e);
            case AccessDeniedException _ ->
                    new CommandFailure(
                            what, "permission denied", "use a path you may use, or be root", e);
            case FileAlreadyExistsException _ ->
                    new CommandFailure(what, "exists already", "choose another name", e);
            case NotDirectoryException _ ->
                    new CommandFailure(what, "not a directory", "name a directory", e);
            case DirectoryNotEmptyException _ ->
                    new CommandFailure(what, "not empty", "choose an empty directory", e);
            case FileSystemLoopException _ ->
                    new CommandFailure(what, "symbolic links go in a circle", "check the path", e);
            default -> new CommandFailure(what, reasonOf(e.getReason(), e), remedyFor(e), e);
        };
    }

    private static String remedyFor(Errno errno) {
        return switch (errno) {
            case ENOSPC, EDQUOT -> "free some space";
            case EACCES, EPERM -> "use what you may use, or be root";
            default -> DEBUG;
        };
    }

    private static String remedyFor(FileSystemException e) {
        String reason = String.valueOf(e.getReason());
        if (reason.contains("No space left")) {
            return "free some space";
        }
        if (reason.contains("not connected")) {
            return "the mount there is dead; detach it with: umount -l";
        }
        return "check the path";
    }

    private static String reasonOf(Throwable failure) {
        return reasonOf(failure.getMessage(), failure);
    }

    private static String reasonOf(@Nullable String message, Throwable failure) {
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return message;
    }
}
