package io.arcfs.cli.device;

import io.arcfs.ublk.DataPath;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What the driver does not keep of a device: enough for another process to serve it again.
 * Immutable.
 *
 * @param target "null", "loop" or "volume"
 * @param backing absolute path of the file or volume; null for a null device
 * @param sizeBytes of a null device; 0 for others, whose backing says it
 * @param pid of the process that serves it, or served it last
 */
public record DeviceRecord(
        int id, String target, @Nullable String backing, long sizeBytes, DataPath path, long pid) {

    DeviceRecord servedBy(int newId, long newPid) {
        return new DeviceRecord(newId, target, backing, sizeBytes, path, newPid);
    }

    /** As text, without any library: the server of a device is to be small. */
    Properties toProperties() {
        Properties text = new Properties();
        text.setProperty("id", Integer.toString(id));
        text.setProperty("target", target);
        if (backing != null) {
            text.setProperty("backing", backing);
        }
        text.setProperty("sizeBytes", Long.toString(sizeBytes));
        text.setProperty("path", path.name());
        text.setProperty("pid", Long.toString(pid));
        return text;
    }

    /**
     * @throws IllegalArgumentException if it is not one
     */
    static DeviceRecord of(Properties text) {
        return new DeviceRecord(
                Integer.parseInt(required(text, "id")),
                required(text, "target"),
                text.getProperty("backing"),
                Long.parseLong(required(text, "sizeBytes")),
                DataPath.valueOf(required(text, "path")),
                Long.parseLong(required(text, "pid")));
    }

    private static String required(Properties text, String key) {
        String value = text.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("no " + key);
        }
        return value;
    }
}
