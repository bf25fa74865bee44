package io.arcfs.cli.verb;

import io.arcfs.cli.ByteArguments;
import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.fuse.MountTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc evict}: frees SSD of what is safe on its media. */
@Command(name = "evict", description = "Drop SSD copies of data that is verified on its media.")
final class EvictVerb extends Verb {
    @Parameters(index = "0", paramLabel = "TARGET", description = "volume directory or mountpoint")
    String target = "";

    @Parameters(
            index = "1..*",
            paramLabel = "PATH",
            description = "files or directories, below the mountpoint or from the volume's root")
    List<String> paths = new ArrayList<>();

    @Override
    void run() throws Exception {
        Target found = Target.of(target);
        List<byte[]> fromRoot = new ArrayList<>();
        for (String path : paths) {
            fromRoot.add(fromRoot(path, found.mount()));
        }
        long freed =
                VolumeAccess.run(found, new ControlRequest.Evict(fromRoot), progress())
                        .path("freedBytes")
                        .asLong();
        say("evicted " + Humane.bytes(freed));
    }

    /** Path inside the volume: what stands behind the mountpoint, or the path as given. */
    static byte[] fromRoot(String path, MountTable.@Nullable Entry mount) {
        byte[] bytes = ByteArguments.bytesOf(path);
        if (mount == null) {
            return bytes;
        }
        byte[] root = mount.mountpoint().getBytes(StandardCharsets.UTF_8);
        byte[] absolute = bytes;
        if (bytes.length == 0 || bytes[0] != '/') {
            Path here = Path.of("").toAbsolutePath();
            if (!here.startsWith(Path.of(mount.mountpoint()))) {
                return bytes;
            }
            absolute = joined((here + "/").getBytes(StandardCharsets.UTF_8), bytes);
        }
        boolean below =
                absolute.length >= root.length
                        && Arrays.equals(absolute, 0, root.length, root, 0, root.length)
                        && (absolute.length == root.length || absolute[root.length] == '/');
        if (!below) {
            return bytes;
        }
        return absolute.length == root.length
                ? new byte[] {'/'}
                : Arrays.copyOfRange(absolute, root.length, absolute.length);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
