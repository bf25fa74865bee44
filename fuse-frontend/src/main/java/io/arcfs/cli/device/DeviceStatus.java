package io.arcfs.cli.device;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.ublk.DeviceInfo;
import io.arcfs.ublk.DeviceState;
import io.arcfs.ublk.UblkControl;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A device of the driver and what is known of it here. Immutable.
 *
 * @param device what the driver says
 * @param known our record; null for a device of somebody else's server
 */
public record DeviceStatus(DeviceInfo device, @Nullable DeviceRecord known) {
    private static final String CHARACTER_PREFIX = "ublkc";

    /** Every device there is, by id; records of devices that are gone are dropped. */
    public static List<DeviceStatus> all(UblkControl control, DeviceRegistry registry)
            throws IOException {
        TreeSet<Integer> ids = new TreeSet<>();
        try (DirectoryStream<Path> nodes =
                Files.newDirectoryStream(Path.of("/dev"), CHARACTER_PREFIX + "*")) {
            for (Path node : nodes) {
                String number = node.getFileName().toString().substring(CHARACTER_PREFIX.length());
                if (number.matches("[0-9]{1,7}")) {
                    ids.add(Integer.parseInt(number));
                }
            }
        }
        registry.all().forEach(record -> ids.add(record.id()));
        List<DeviceStatus> found = new ArrayList<>();
        for (int id : ids) {
            of(control, registry, id).ifPresent(found::add);
        }
        return found;
    }

    /** One device; empty when there is none of this id that this user may see. */
    public static Optional<DeviceStatus> of(UblkControl control, DeviceRegistry registry, int id)
            throws IOException {
        DeviceInfo info;
        try {
            info = control.info(id);
        } catch (PosixException e) {
            return switch (e.errno()) {
                case ENODEV, ENOENT -> {
                    forget(registry, id);
                    yield Optional.empty();
                }
                case EPERM, EACCES -> Optional.empty(); // somebody else's
                default -> throw e;
            };
        }
        return Optional.of(new DeviceStatus(info, registry.get(id).orElse(null)));
    }

    /** A server that is about to make this id holds its lock: its record is not stale. */
    private static void forget(DeviceRegistry registry, int id) throws IOException {
        if (registry.get(id).isEmpty()) {
            return;
        }
        var lock = registry.lock(id);
        if (lock.isPresent()) {
            try (var _ = lock.get()) {
                registry.remove(id);
            }
        }
    }

    public int id() {
        return device.id();
    }

    /** The process that serves it, if it is alive. */
    public Optional<Long> server() {
        long pid = known != null ? known.pid() : device.serverPid();
        return pid > 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)
                ? Optional.of(pid)
                : Optional.empty();
    }

    /** LIVE, QUIESCED or DEAD. */
    public String state() {
        return switch (device.state()) {
            case LIVE -> DeviceState.LIVE.name();
            case QUIESCED, FAIL_IO -> DeviceState.QUIESCED.name();
            case DEAD -> DeviceState.DEAD.name();
        };
    }

    public boolean isServerGone() {
        return device.state() == DeviceState.QUIESCED
                || device.state() == DeviceState.FAIL_IO
                || server().isEmpty();
    }

    /** As the contract of the command has it. */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id());
        json.put("node", device.blockNode().toString());
        json.put("target", known == null ? null : known.target());
        json.put("backing", known == null ? null : known.backing());
        json.put("pid", server().orElse(null));
        json.put("state", state());
        json.put("queues", device.queues());
        json.put("depth", device.depth());
        return json;
    }

    static boolean isGone(UblkControl control, int id) throws IOException {
        try {
            control.info(id);
            return false;
        } catch (PosixException e) {
            if (e.errno() == Errno.ENODEV || e.errno() == Errno.ENOENT) {
                return true;
            }
            throw e;
        }
    }
}
