package io.arcfs.cli.verb;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.device.Backing;
import io.arcfs.cli.device.DeviceRecord;
import io.arcfs.cli.device.DeviceRegistry;
import io.arcfs.cli.device.DeviceServer;
import io.arcfs.cli.device.DeviceServerMain;
import io.arcfs.cli.device.DeviceServerProcess;
import io.arcfs.recovery.SafeText;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.ServerOptions;
import io.arcfs.ublk.UblkControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code arc device start}: a server of its own for a device; prints the node once it is live. */
@Command(name = "start", description = "Serve a block device: null, loop or volume.")
final class DeviceStartVerb extends Verb {
    @Parameters(index = "0", paramLabel = "TARGET", description = "null, loop or volume")
    String target = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "VOLUME",
            description = "of target volume: its directory")
    @Nullable String volume;

    @Mixin DeviceOptions options = new DeviceOptions();

    @Override
    void run() throws Exception {
        ServerOptions wanted = checked();
        @Nullable String backing =
                switch (target) {
                    case "loop" -> realPath(options.file);
                    case "volume" -> realPath(volume);
                    default -> null;
                };
        long size = backing == null ? options.nullBytes() : 0;
        DeviceRecord device = new DeviceRecord(-1, target, backing, size, wanted.path(), 0);
        DeviceRegistry registry = DeviceRegistry.ofThisUser();
        UblkControl.open().close();
        if (wanted.id() >= 0 && Files.exists(DeviceInfo.characterNode(wanted.id()))) {
            throw DeviceServer.idTaken(wanted.id(), null);
        }
        Backing.check(registry, device);
        String node =
                DeviceServerProcess.start(
                        registry, target, DeviceServerMain.newArguments(device, wanted));
        out().println(node);
        out().flush();
    }

    private static @Nullable String realPath(@Nullable String path)
            throws CommandFailure, IOException {
        if (path == null || !Files.exists(Path.of(path))) {
            throw new CommandFailure(
                    SafeText.of(String.valueOf(path)),
                    "no such file or directory",
                    "check the path");
        }
        return Path.of(path).toRealPath().toString();
    }

    /** Refuses arguments that do not go together, before anything is started. */
    private ServerOptions checked() {
        boolean loop = target.equals("loop");
        boolean ofVolume = target.equals("volume");
        if (!loop && !ofVolume && !target.equals("null")) {
            throw wrongArguments("TARGET is '" + target + "': null, loop or volume");
        }
        if (loop != (options.file != null)) {
            throw wrongArguments(
                    loop ? "a loop device needs --file PATH" : "--file is for a loop device");
        }
        if (ofVolume != (volume != null)) {
            throw wrongArguments(
                    ofVolume ? "VOLUME is missing" : "only target volume takes a VOLUME");
        }
        if (options.size != null && (loop || ofVolume)) {
            throw wrongArguments("--size is for a null device");
        }
        if (options.size != null && (options.size <= 0 || options.size % 512 != 0)) {
            throw wrongArguments(
                    "--size is " + options.size + ": a multiple of the block size 512");
        }
        if (ofVolume && options.unprivileged) {
            throw wrongArguments("--unprivileged is for null and loop devices");
        }
        try {
            return options.toServerOptions();
        } catch (IllegalArgumentException e) {
            throw wrongArguments(String.valueOf(e.getMessage()));
        }
    }
}
