package io.arcfs.cli.verb;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.arcfs.cli.CommandFailure;
import io.arcfs.cli.FailureText;
import io.arcfs.cli.Humane;
import io.arcfs.cli.control.ControlRequest;
import io.arcfs.cli.daemon.Target;
import io.arcfs.cli.daemon.VolumeAccess;
import io.arcfs.cli.device.Backing;
import io.arcfs.cli.device.DeviceName;
import io.arcfs.cli.device.DeviceRecord;
import io.arcfs.cli.device.DeviceRegistry;
import io.arcfs.cli.device.DeviceServerProcess;
import io.arcfs.cli.device.DeviceStatus;
import io.arcfs.cli.device.DeviceStop;
import io.arcfs.recovery.SafeText;
import io.arcfs.ublk.UblkControl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code arc device ...}: the block device behind a volume. */
@Command(
        name = "device",
        description = "Block devices: of a volume, of a file, for tests.",
        subcommands = {
            DeviceStartVerb.class,
            DeviceVerbs.ListDevices.class,
            DeviceVerbs.Stop.class,
            DeviceVerbs.Recover.class,
            DeviceVerbs.Del.class,
            DeviceVerbs.Dump.class
        })
final class DeviceVerbs implements Runnable {
    /** No device named: every one that the verb is for. */
    private static final int EVERY = -1;

    @Spec CommandSpec spec;

    @picocli.CommandLine.Mixin CommonOptions common = new CommonOptions();

    @SuppressWarnings("NullAway.Init") // picocli sets the spec before anything runs
    DeviceVerbs() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** {@code arc device dump}. */
    @Command(
            name = "dump",
            description =
                    "Copy the device into one sparse file of its full size, recalling what is"
                            + " cold.")
    static final class Dump extends Verb {
        @Parameters(index = "0", paramLabel = "TARGET", description = "volume or mountpoint")
        String target = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "file to make")
        String file = "";

        @Override
        void run() throws Exception {
            if (file.isEmpty()) {
                throw wrongArguments("FILE may not be empty");
            }
            Path path = Path.of(file).toAbsolutePath().normalize();
            long bytes =
                    VolumeAccess.run(Target.of(target), new ControlRequest.Dump(path), progress())
                            .path("deviceBytes")
                            .asLong();
            say("dumped a device of " + Humane.bytes(bytes) + " to " + SafeText.of(path));
        }
    }

    /** The id that an argument names. */
    private static int idOf(Verb verb, String name) {
        return DeviceName.idOf(name)
                .orElseThrow(() ->
                        verb.wrongArguments(
                                "'" + name + "' is no device: name it as /dev/ublkb0 or 0"));
    }

    /** A device as it is now. */
    private static DeviceStatus find(UblkControl control, DeviceRegistry registry, int id)
            throws CommandFailure, IOException {
        return DeviceStatus.of(control, registry, id)
                .orElseThrow(() ->
                        new CommandFailure(
                                "/dev/ublkb" + id,
                                "no such device",
                                "see: " + Verb.arc() + " device list"));
    }

    /** {@code arc device list}. */
    @Command(name = "list", description = "Show the devices that ublk servers export.")
    static final class ListDevices extends Verb {
        @Option(names = "--json", description = "print a JSON array")
        boolean json;

        @Override
        void run() throws Exception {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            if (Files.exists(UblkControl.NODE)) {
                try (UblkControl control = UblkControl.open()) {
                    DeviceStatus.all(control, DeviceRegistry.ofThisUser())
                            .forEach(status -> all.add(status.toJson()));
                }
            }
            if (json) {
                out().println(all.toPrettyString());
            } else if (all.isEmpty()) {
                out().println("no devices");
            } else {
                all.forEach(device ->
                        out().println(
                                        "%s  %s  %s %s  %s"
                                                .formatted(
                                                        device.path("node").asText(),
                                                        device.path("state").asText(),
                                                        device.path("target").asText("other"),
                                                        SafeText.of(
                                                                device.path("backing").asText("")),
                                                        device.path("pid").isNull()
                                                                ? "no server"
                                                                : "pid "
                                                                        + device.path("pid")
                                                                                .asText())));
            }
        }
    }

    /** {@code arc device stop}. */
    @Command(name = "stop", description = "Stop a device: written out, then removed.")
    static final class Stop extends Verb {
        @Parameters(index = "0", paramLabel = "DEV", description = "/dev/ublkb0, or 0")
        String device = "";

        @Option(names = "--force", description = "also while a file system is mounted from it")
        boolean force;

        @Override
        void run() throws Exception {
            int id = idOf(this, device);
            DeviceRegistry registry = DeviceRegistry.ofThisUser();
            try (UblkControl control = UblkControl.open()) {
                DeviceStatus status = find(control, registry, id);
                if (!force) {
                    DeviceStop.requireUnused(status);
                }
                DeviceStop.stop(control, registry, status);
                say("stopped " + status.device().blockNode());
            }
        }
    }

    /** {@code arc device recover}. */
    @Command(
            name = "recover",
            description = "Serve again what a dead server left; without DEV, every such device.")
    static final class Recover extends Verb {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "DEV",
                description = "/dev/ublkb0, or 0")
        @Nullable String device;

        @Override
        void run() throws Exception {
            int id = device == null ? EVERY : idOf(this, device);
            DeviceRegistry registry = DeviceRegistry.ofThisUser();
            List<DeviceRecord> orphans = new ArrayList<>();
            try (UblkControl control = UblkControl.open()) {
                if (id != EVERY) {
                    DeviceStatus status = find(control, registry, id);
                    orphans.add(requireOrphan(status));
                } else {
                    for (DeviceStatus status : DeviceStatus.all(control, registry)) {
                        if (status.known() != null
                                && status.isServerGone()
                                && !status.state().equals("DEAD")) {
                            orphans.add(status.known());
                        }
                    }
                }
            }
            if (orphans.isEmpty()) {
                say("nothing to recover");
            }
            recoverEach(registry, orphans);
        }

        /** One that cannot be recovered does not keep the others waiting. */
        private void recoverEach(DeviceRegistry registry, List<DeviceRecord> orphans)
                throws CommandFailure, IOException, InterruptedException {
            CommandFailure first = null;
            for (DeviceRecord orphan : orphans) {
                try {
                    try (UblkControl control = UblkControl.open()) {
                        Backing.checkAgain(control, control.info(orphan.id()), orphan);
                    }
                    say("recovered " + DeviceServerProcess.recover(registry, orphan));
                } catch (CommandFailure e) {
                    if (first == null) {
                        first = e;
                    } else {
                        err().println("arc: " + FailureText.line(e));
                    }
                }
            }
            if (first != null) {
                throw first;
            }
        }

        private static DeviceRecord requireOrphan(DeviceStatus status) throws CommandFailure {
            String node = status.device().blockNode().toString();
            if (!status.isServerGone()) {
                throw new CommandFailure(
                        node,
                        "is served by pid " + status.server().map(String::valueOf).orElse("?"),
                        "nothing to recover; stop it with: " + arc() + " device stop " + node);
            }
            if (status.state().equals("DEAD")) {
                throw new CommandFailure(
                        node,
                        "was stopped, or never started",
                        "remove it with: " + arc() + " device del " + node);
            }
            DeviceRecord known = status.known();
            if (known == null) {
                throw new CommandFailure(
                        node,
                        "not a device of arcfs, or not this user's",
                        "recover it with the server that made it");
            }
            return known;
        }
    }

    /** {@code arc device del}. */
    @Command(name = "del", description = "Remove devices that have no server any more.")
    static final class Del extends Verb {
        @Parameters(
                index = "0",
                arity = "0..1",
                paramLabel = "DEV",
                description = "/dev/ublkb0, or 0")
        @Nullable String device;

        @Option(names = "--all", description = "every device of arcfs without a server")
        boolean all;

        @Override
        void run() throws Exception {
            if ((device == null) == !all) {
                throw wrongArguments("name one device, or give --all");
            }
            int id = device == null ? EVERY : idOf(this, device);
            DeviceRegistry registry = DeviceRegistry.ofThisUser();
            try (UblkControl control = UblkControl.open()) {
                List<DeviceStatus> chosen =
                        id != EVERY
                                ? List.of(find(control, registry, id))
                                : DeviceStatus.all(control, registry).stream()
                                        .filter(status -> status.known() != null)
                                        .filter(DeviceStatus::isServerGone)
                                        .toList();
                for (DeviceStatus status : chosen) {
                    if (!status.isServerGone()) {
                        throw new CommandFailure(
                                status.device().blockNode().toString(),
                                "is served by pid " + status.server().orElse(0L),
                                "stop it with: " + arc() + " device stop");
                    }
                    DeviceStop.stop(control, registry, status);
                    say("deleted " + status.device().blockNode());
                }
            }
        }
    }
}
