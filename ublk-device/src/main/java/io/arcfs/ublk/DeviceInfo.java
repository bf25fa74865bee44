package io.arcfs.ublk;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.arcfs.ublk.abi.DeviceInfoLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Set;

/**
 * A device as the driver knows it. Immutable.
 *
 * @param id the N of /dev/ublkbN; -1 asks for a free one
 * @param maxRequestBytes the largest read or write the driver hands out
 * @param serverPid of the process that serves it, or last did
 */
public record DeviceInfo(
        int id,
        int queues,
        int depth,
        DeviceState state,
        int maxRequestBytes,
        int serverPid,
        Set<Feature> features,
        int ownerUid,
        int ownerGid) {

    /** The node that others use. */
    public Path blockNode() {
        return blockNode(id);
    }

    public static Path blockNode(int id) {
        return Path.of("/dev/ublkb" + id);
    }

    /** The node of the server. */
    public static Path characterNode(int id) {
        return Path.of("/dev/ublkc" + id);
    }

    boolean has(Feature feature) {
        return features.contains(feature);
    }

    void encode(MemorySegment target) {
        target.fill((byte) 0);
        target.set(JAVA_SHORT, DeviceInfoLayout.NR_HW_QUEUES, (short) queues);
        target.set(JAVA_SHORT, DeviceInfoLayout.QUEUE_DEPTH, (short) depth);
        target.set(JAVA_INT, DeviceInfoLayout.MAX_IO_BUF_BYTES, maxRequestBytes);
        target.set(JAVA_INT, DeviceInfoLayout.DEV_ID, id);
        target.set(JAVA_INT, DeviceInfoLayout.UBLKSRV_PID, serverPid);
        target.set(JAVA_LONG, DeviceInfoLayout.FLAGS, Feature.maskOf(features));
        target.set(JAVA_INT, DeviceInfoLayout.OWNER_UID, ownerUid);
        target.set(JAVA_INT, DeviceInfoLayout.OWNER_GID, ownerGid);
    }

    static DeviceInfo decode(MemorySegment source) {
        return new DeviceInfo(
                source.get(JAVA_INT, DeviceInfoLayout.DEV_ID),
                Short.toUnsignedInt(source.get(JAVA_SHORT, DeviceInfoLayout.NR_HW_QUEUES)),
                Short.toUnsignedInt(source.get(JAVA_SHORT, DeviceInfoLayout.QUEUE_DEPTH)),
                DeviceState.of(source.get(JAVA_SHORT, DeviceInfoLayout.STATE)),
                source.get(JAVA_INT, DeviceInfoLayout.MAX_IO_BUF_BYTES),
                source.get(JAVA_INT, DeviceInfoLayout.UBLKSRV_PID),
                Feature.of(source.get(JAVA_LONG, DeviceInfoLayout.FLAGS)),
                source.get(JAVA_INT, DeviceInfoLayout.OWNER_UID),
                source.get(JAVA_INT, DeviceInfoLayout.OWNER_GID));
    }
}
