package io.arcfs.ublk;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.arcfs.posix.Errno;
import io.arcfs.posix.OpenFlag;
import io.arcfs.posix.PosixException;
import io.arcfs.posix.PosixFile;
import io.arcfs.ublk.abi.CommandCode;
import io.arcfs.ublk.abi.CommandCode.Encoding;
import io.arcfs.ublk.abi.ControlCommandLayout;
import io.arcfs.ublk.abi.DeviceInfoLayout;
import io.arcfs.ublk.abi.ParameterLayout;
import io.arcfs.uring.IoUring;
import io.arcfs.uring.RingSetup;
import io.arcfs.uring.SetupFlag;
import io.arcfs.uring.Sqe;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The driver's control device: makes, starts, stops, recovers and deletes devices.
 *
 * <p>Commands run one after the other; each is bounded in time (U3) and fails with ETIMEDOUT when
 * the driver has not answered by then, while it may still go on in the kernel. Thread-safe; never
 * used by a queue's thread.
 */
public final class UblkControl implements AutoCloseable {
    public static final Path NODE = Path.of("/dev/ublk-control");

    /** For commands that only ask or note something. */
    private static final Duration SHORT = Duration.ofSeconds(10);

    private static final short NO_QUEUE = -1;
    private static final int AFFINITY_BYTES = 1024;

    private final ReentrantLock commandLock = new ReentrantLock();
    private final PosixFile device;
    private final IoUring ring;
    private final Encoding encoding;
    private long nextUserData = 1;
    private int result;
    private boolean answered;

    private UblkControl(PosixFile device, IoUring ring, Encoding encoding) {
        this.device = device;
        this.ring = ring;
        this.encoding = encoding;
    }

    /** Set to "legacy" by tests, which run on kernels that take both encodings. */
    private static final String ENCODING_PROPERTY = "arcfs.ublk.encoding";

    /**
     * With the commands that this kernel takes: a driver that answers GET_FEATURES (6.5 and later)
     * knows those numbered as ioctls, an older one is spoken to by the legacy numbers.
     *
     * @throws UblkUnavailableException when this machine or user has no ublk
     */
    public static UblkControl open() throws IOException {
        if (System.getProperty(ENCODING_PROPERTY, "").equals("legacy")) {
            return open(Encoding.LEGACY);
        }
        UblkControl control = open(Encoding.IOCTL);
        try {
            control.featureMask();
            return control;
        } catch (PosixException e) {
            control.close();
            if (e.errno() == Errno.EPERM || e.errno() == Errno.ETIMEDOUT) {
                throw e;
            }
            return open(Encoding.LEGACY);
        }
    }

    /** With commands numbered as told. */
    public static UblkControl open(Encoding encoding) throws IOException {
        PosixFile device;
        try {
            device = PosixFile.open(NODE, OpenFlag.READ, OpenFlag.WRITE);
        } catch (PosixException e) {
            throw UblkUnavailableException.ofControlNode(e);
        }
        try {
            IoUring ring = IoUring.open(RingSetup.entries(4).with(SetupFlag.SQE128));
            return new UblkControl(device, ring, encoding);
        } catch (PosixException e) {
            device.close();
            throw UblkUnavailableException.ofRing(e);
        }
    }

    public Encoding encoding() {
        return encoding;
    }

    /** What the driver can do; empty when it is older than 6.5 and cannot say. */
    public Set<Feature> features() throws IOException {
        if (encoding == Encoding.LEGACY) {
            return Set.of();
        }
        return Feature.of(featureMask());
    }

    private long featureMask() throws IOException {
        MemorySegment mask = Arena.ofAuto().allocate(8, 8);
        command(CommandCode.GET_FEATURES, -1, NO_QUEUE, mask, 0, null, SHORT);
        return mask.get(JAVA_LONG, 0);
    }

    /** Makes a device; the result has the id and features that were granted. */
    public DeviceInfo add(DeviceInfo wanted) throws IOException {
        MemorySegment info = Arena.ofAuto().allocate(DeviceInfoLayout.LAYOUT);
        wanted.encode(info);
        command(CommandCode.ADD_DEV, wanted.id(), NO_QUEUE, info, 0, null, SHORT);
        return DeviceInfo.decode(info);
    }

    /** A device's state; ENODEV when there is none of this id. */
    public DeviceInfo info(int id) throws IOException {
        MemorySegment info = Arena.ofAuto().allocate(DeviceInfoLayout.LAYOUT);
        try {
            command(CommandCode.GET_DEV_INFO, id, NO_QUEUE, info, 0, null, SHORT);
        } catch (PosixException e) {
            if (e.errno() != Errno.EPERM
                    && e.errno() != Errno.EINVAL
                    && e.errno() != Errno.EACCES) {
                throw e;
            }
            // A device of an ordinary user: the path of its node is the ticket.
            command(
                    CommandCode.GET_DEV_INFO2,
                    id,
                    NO_QUEUE,
                    info,
                    0,
                    DeviceInfo.characterNode(id),
                    SHORT);
        }
        return DeviceInfo.decode(info);
    }

    public void setParameters(DeviceInfo device, DeviceParameters parameters) throws IOException {
        MemorySegment params = Arena.ofAuto().allocate(ParameterLayout.LAYOUT);
        parameters.encode(params);
        command(CommandCode.SET_PARAMS, device.id(), NO_QUEUE, params, 0, ticket(device), SHORT);
    }

    public DeviceParameters parameters(DeviceInfo device) throws IOException {
        MemorySegment params = Arena.ofAuto().allocate(ParameterLayout.LAYOUT);
        params.set(JAVA_INT, ParameterLayout.LEN, (int) params.byteSize());
        command(CommandCode.GET_PARAMS, device.id(), NO_QUEUE, params, 0, ticket(device), SHORT);
        return DeviceParameters.decode(params);
    }

    /** Makes the block device appear; every tag of every queue must be fetched by now. */
    public void start(DeviceInfo device, Duration limit) throws IOException {
        long pid = ProcessHandle.current().pid();
        command(CommandCode.START_DEV, device.id(), NO_QUEUE, null, pid, ticket(device), limit);
    }

    /** Removes the block device, after its page cache has been written through the server. */
    public void stop(DeviceInfo device, Duration limit) throws IOException {
        command(CommandCode.STOP_DEV, device.id(), NO_QUEUE, null, 0, ticket(device), limit);
    }

    /** Removes the device; waits until nobody has its character device open or mapped. */
    public void delete(DeviceInfo device, Duration limit) throws IOException {
        command(CommandCode.DEL_DEV, device.id(), NO_QUEUE, null, 0, ticket(device), limit);
    }

    /** Takes a device over whose server has died; EBUSY while it is still dying. */
    public void startRecovery(DeviceInfo device) throws IOException {
        command(
                CommandCode.START_USER_RECOVERY,
                device.id(),
                NO_QUEUE,
                null,
                0,
                ticket(device),
                SHORT);
    }

    /** Lets the requests flow again, all tags being fetched. */
    public void endRecovery(DeviceInfo device, Duration limit) throws IOException {
        long pid = ProcessHandle.current().pid();
        command(
                CommandCode.END_USER_RECOVERY,
                device.id(),
                NO_QUEUE,
                null,
                pid,
                ticket(device),
                limit);
    }

    /** The CPUs whose requests go to this queue. */
    public BitSet queueAffinity(DeviceInfo device, int queue) throws IOException {
        MemorySegment mask = Arena.ofAuto().allocate(AFFINITY_BYTES, 8);
        command(
                CommandCode.GET_QUEUE_AFFINITY,
                device.id(),
                NO_QUEUE,
                mask,
                queue,
                ticket(device),
                SHORT);
        return BitSet.valueOf(mask.toArray(JAVA_BYTE));
    }

    private static @Nullable Path ticket(DeviceInfo device) {
        return device.has(Feature.UNPRIVILEGED_DEV) ? DeviceInfo.characterNode(device.id()) : null;
    }

    /**
     * One command and its answer.
     *
     * @param payload given to and filled by the driver; memory that the collector frees, since the
     *     driver may use it after the time is over
     * @param ticket path of the device's node, which the driver wants before the payload when the
     *     device is an ordinary user's
     */
    private void command(
            CommandCode code,
            int id,
            short queue,
            @Nullable MemorySegment payload,
            long data,
            @Nullable Path ticket,
            Duration limit)
            throws IOException {
        MemorySegment buffer = payload;
        int ticketBytes = 0;
        if (ticket != null) {
            byte[] path = (ticket + "\0").getBytes(StandardCharsets.UTF_8);
            // The payload behind it stays aligned.
            ticketBytes = (path.length + 7) / 8 * 8;
            long payloadBytes = payload == null ? 0 : payload.byteSize();
            buffer = Arena.ofAuto().allocate(ticketBytes + payloadBytes, 8);
            MemorySegment.copy(path, 0, buffer, JAVA_BYTE, 0, path.length);
            if (payload != null) {
                MemorySegment.copy(payload, 0, buffer, ticketBytes, payloadBytes);
            }
        }
        commandLock.lock();
        try {
            run(code, id, queue, buffer, data, ticketBytes, limit);
        } finally {
            Reference.reachabilityFence(buffer); // the kernel has its address until the answer
            commandLock.unlock();
        }
        if (ticketBytes > 0 && payload != null && buffer != null) {
            MemorySegment.copy(buffer, ticketBytes, payload, 0, payload.byteSize());
        }
    }

    private void run(
            CommandCode code,
            int id,
            short queue,
            @Nullable MemorySegment buffer,
            long data,
            int ticketBytes,
            Duration limit)
            throws IOException {
        long mine = nextUserData++;
        Sqe sqe = ring.nextSqe().uringCommand(device.descriptor(), code.number(encoding));
        sqe.command(ControlCommandLayout.DEV_ID, id)
                .command(ControlCommandLayout.QUEUE_ID, queue)
                .command(ControlCommandLayout.DATA, data)
                .command(ControlCommandLayout.DEV_PATH_LEN, (short) ticketBytes)
                .userData(mine);
        if (buffer != null) {
            sqe.command(ControlCommandLayout.LEN, (short) buffer.byteSize())
                    .command(ControlCommandLayout.ADDR, buffer.address());
        }
        answered = false;
        long deadline = System.nanoTime() + limit.toNanos();
        while (!answered) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new PosixException(
                        code.name(), Errno.ETIMEDOUT, "device " + id + " after " + limit);
            }
            ring.submitAndWait(1, left);
            ring.reap((userData, answer, _) -> {
                if (userData == mine) { // not the late answer of a command given up
                    answered = true;
                    result = answer;
                }
            });
        }
        if (result < 0) {
            throw new PosixException(code.name(), Errno.of(-result), "device " + id);
        }
    }

    @Override
    public void close() throws IOException {
        commandLock.lock();
        try (PosixFile _ = device) {
            ring.close();
        } finally {
            commandLock.unlock();
        }
    }
}
