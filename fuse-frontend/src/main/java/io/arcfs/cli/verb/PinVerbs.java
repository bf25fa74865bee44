package io.arcfs.cli.verb;

import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.MountedPath;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code arc pin} and {@code arc unpin}. */
final class PinVerbs {
    private PinVerbs() {}

    /** What both share. */
    abstract static class Both extends Verb {
        @Parameters(
                arity = "1..*",
                paramLabel = "PATH",
                description = "files or directories below a mountpoint")
        List<String> paths = new ArrayList<>();

        long change(boolean keep) throws Exception {
            long bytes = 0;
            for (Map.Entry<Target, List<byte[]>> group : MountedPath.group(paths).entrySet()) {
                bytes +=
                        VolumeAccess.run(
                                        group.getKey(),
                                        new ControlRequest.Pin(group.getValue(), keep),
                                        progress())
                                .path("bytes")
                                .asLong();
            }
            return bytes;
        }
    }

    /** {@code arc pin}. */
    @Command(name = "pin", description = "Bring files to the SSD and keep them there.")
    static final class Pin extends Both {
        @Override
        void run() throws Exception {
            say("pinned " + Humane.bytes(change(true)));
        }
    }

    /** {@code arc unpin}. */
    @Command(name = "unpin", description = "Let files go that were pinned; nothing is evicted yet.")
    static final class Unpin extends Both {
        @Override
        void run() throws Exception {
            say("let go " + Humane.bytes(change(false)));
        }
    }
}
