package io.arcfs.fuse.jnr;

import io.arcfs.fuse.MountOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * The command line of libfuse, and its native form. Must be reachable while libfuse parses it.
 * Confined to the mounting thread.
 */
final class LibFuseArguments {
    private final Pointer argv;
    private final int count;
    private final List<Pointer> kept = new ArrayList<>();

    LibFuseArguments(Path mountpoint, MountOptions options) {
        Runtime runtime = Runtime.getSystemRuntime();
        // in the foreground: the process already is the daemon
        List<String> words =
                List.of("arcfs", "-f", "-o", optionLine(options), mountpoint.toString());
        count = words.size();
        argv = Memory.allocateDirect(runtime, (count + 1) * Long.BYTES, true);
        for (int i = 0; i < count; i++) {
            byte[] bytes = words.get(i).getBytes(StandardCharsets.UTF_8);
            Pointer word = Memory.allocateDirect(runtime, bytes.length + 1, true);
            word.put(0, bytes, 0, bytes.length);
            kept.add(word);
            argv.putPointer((long) i * Long.BYTES, word);
        }
    }

    int count() {
        return count;
    }

    /** {@code char *argv[]}. */
    Pointer argv() {
        return argv;
    }

    static String optionLine(MountOptions options) {
        List<String> words = new ArrayList<>();
        words.add("fsname=" + escaped(options.fsName()));
        words.add("subtype=" + options.subtype());
        words.add("default_permissions");
        words.add(options.readOnly() ? "ro" : "rw");
        words.add(options.dev() ? "dev" : "nodev");
        words.add(options.suid() ? "suid" : "nosuid");
        words.add(options.exec() ? "exec" : "noexec");
        if (options.allowOther()) {
            words.add("allow_other");
        }
        words.add("big_writes"); // else every write comes in 4 KiB pieces
        words.add("use_ino"); // inode numbers are ours, not libfuse's
        words.add("hard_remove"); // unlink removes; no .fuse_hidden names
        words.add("atomic_o_trunc"); // O_TRUNC is part of open
        // Names change only through this mount, so the kernel may keep them. Not so attributes:
        // libfuse gives each name of a file an inode of its own in the kernel, and what a change
        // through one name does to the others would be seen late (nlink, size, ctime).
        words.add("entry_timeout=60,attr_timeout=0,negative_timeout=0");
        return String.join(",", words);
    }

    /** A comma ends an option for libfuse, unless a backslash stands before it. */
    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace(",", "\\,");
    }
}
