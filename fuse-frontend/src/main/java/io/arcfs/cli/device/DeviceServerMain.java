package io.arcfs.cli.device;

import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.tier.local.LocalTier;
import io.arcfs.ublk.DataPath;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.Preload;
import io.arcfs.ublk.ServerOptions;
import io.arcfs.ublk.ServerOptions.Privilege;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The process that serves a device. Started by {@code arc device start} and {@code recover}, which
 * read from its standard output how it went.
 *
 * <p>Arguments, in this order: {@code recover ID}, or {@code new ID TARGET BACKING SIZE PATH QUEUES
 * DEPTH MAX-REQUEST PRIVILEGE}, BACKING empty for a null device.
 */
public final class DeviceServerMain {
    private static final String RECOVER = "recover";
    private static final String NEW = "new";

    private DeviceServerMain() {}

    static List<String> recoverArguments(int id) {
        return List.of(RECOVER, Integer.toString(id));
    }

    /** What {@link DeviceServerProcess#start} takes for a new device. */
    public static List<String> newArguments(DeviceRecord device, ServerOptions options) {
        List<String> arguments = new ArrayList<>();
        arguments.add(NEW);
        arguments.add(Integer.toString(options.id()));
        arguments.add(device.target());
        arguments.add(device.backing() == null ? "" : device.backing());
        arguments.add(Long.toString(device.sizeBytes()));
        arguments.add(options.path().name());
        arguments.add(Integer.toString(options.queues()));
        arguments.add(Integer.toString(options.depth()));
        arguments.add(Integer.toString(options.maxRequestBytes()));
        arguments.add(options.privilege().name());
        return arguments;
    }

    /** Loads what a server needs, so that a training run of the JVM has seen it. */
    public static void load() throws IOException {
        Preload.classesOfTheServer();
        for (Class<?> one :
                List.of(
                        DeviceServer.class,
                        DeviceRegistry.class,
                        DeviceRecord.class,
                        StderrEvents.class,
                        Backing.class,
                        VolumeTarget.class,
                        LocalTier.class)) {
            try {
                Class.forName(one.getName());
            } catch (ClassNotFoundException e) {
                throw new IOException(e);
            }
        }
    }

    public static void main(String[] arguments) {
        int exitCode = 0;
        try {
            DeviceServer server = new DeviceServer(DeviceRegistry.ofThisUser(), new StderrEvents());
            if (arguments[0].equals(RECOVER)) {
                server.serveAgain(Integer.parseInt(arguments[1]), DeviceServerMain::tellLive);
            } else {
                serveNew(server, arguments);
            }
        } catch (Exception | OutOfMemoryError e) {
            tellFailure(FailureText.of(e, "device"));
            exitCode = 1;
        }
        System.exit(exitCode);
    }

    private static void serveNew(DeviceServer server, String[] words) throws Exception {
        @Nullable String backing = words[3].isEmpty() ? null : words[3];
        DataPath path = DataPath.valueOf(words[5]);
        ServerOptions options =
                new ServerOptions(
                        Integer.parseInt(words[1]),
                        Integer.parseInt(words[6]),
                        Integer.parseInt(words[7]),
                        Integer.parseInt(words[8]),
                        path,
                        Privilege.valueOf(words[9]));
        DeviceRecord device =
                new DeviceRecord(-1, words[2], backing, Long.parseLong(words[4]), path, 0);
        server.serveNew(device, options, DeviceServerMain::tellLive);
    }

    private static void tellLive(DeviceInfo device) {
        System.out.println(DeviceServerProcess.READY + device.blockNode());
        System.out.flush();
    }

    private static void tellFailure(CommandFailure failure) {
        System.out.println(DeviceServerProcess.FAILED + FailureText.line(failure));
        System.out.flush();
    }
}
