package io.arcfs.ublk;

import io.arcfs.device.BlockDevice;
import io.arcfs.device.BlockDevice.ZeroedSpace;
import io.arcfs.posix.Errno;
import io.arcfs.posix.PosixException;
import io.arcfs.ublk.DeviceParameters.Attribute;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A {@link BlockDevice} of this process, whose calls may take as long as they like: each request
 * runs on a thread of a pool, as many as requests can be out, so a read that waits for a cold
 * medium holds up nothing but itself (U2). Thread-safe.
 */
public final class DeviceTarget implements UblkTarget {
    private final String kind;
    private final BlockDevice device;
    private final ThreadPoolExecutor workers;
    private final GroupFlush groupFlush;

    /**
     * What a completed write has survived. The device's cache, if it has one, may be lost with this
     * process, whose death nobody above notices: the next server goes on. So either the device
     * loses nothing with the process, or every write is flushed before it is answered.
     */
    public enum Writes {
        /** Completed writes survive this process; a flush makes them survive the machine. */
        SURVIVE_THE_SERVER,
        /** Only flushed writes survive: each is flushed, several with one flush. */
        FLUSHED_EACH
    }

    private final Writes writes;

    /**
     * @param requests how many requests can be out at once: queues times depth
     */
    public DeviceTarget(String kind, BlockDevice device, Writes writes, int requests) {
        this.kind = kind;
        this.device = device;
        this.writes = writes;
        this.groupFlush = new GroupFlush(device);
        AtomicInteger number = new AtomicInteger();
        workers =
                new ThreadPoolExecutor(
                        requests,
                        requests,
                        0,
                        TimeUnit.SECONDS,
                        new ArrayBlockingQueue<>(requests),
                        task -> {
                            Thread thread = new Thread(task, "device-" + number.incrementAndGet());
                            thread.setDaemon(true);
                            return thread;
                        });
        // All now: making a thread under a request needs memory that may need this device (U4).
        workers.prestartAllCoreThreads();
    }

    @Override
    public String kind() {
        return kind;
    }

    @Override
    public DeviceParameters parameters(int maxRequestBytes) {
        int block = device.blockSizeBytes();
        return new DeviceParameters(
                device.sizeBytes(),
                block,
                Math.max(block, 4096),
                maxRequestBytes,
                1L << 30,
                switch (writes) {
                    case SURVIVE_THE_SERVER -> Set.of(Attribute.VOLATILE_CACHE, Attribute.FUA);
                    case FLUSHED_EACH -> Set.of(); // nothing is volatile
                });
    }

    @Override
    public boolean supports(DataPath path) {
        return path != DataPath.ZERO_COPY;
    }

    @Override
    public QueueTarget openQueue(UblkQueue queue) {
        return request -> workers.execute(() -> serve(request));
    }

    @SuppressWarnings("CatchingUnchecked")
    private void serve(UblkRequest request) {
        try {
            perform(request);
            request.succeed();
        } catch (PosixException e) {
            request.queue().report(request, e);
            request.fail(e.errno() == Errno.ENOSPC ? Errno.ENOSPC : Errno.EIO);
        } catch (Throwable t) { // an Error, too (U1)
            request.queue().report(request, t);
            request.fail(Errno.EIO);
        }
    }

    private void perform(UblkRequest request) throws IOException {
        long offset = request.offsetBytes();
        long length = request.lengthBytes();
        switch (request.operation()) {
            case READ -> {
                MemorySegment bytes = request.buffer().asSlice(0, length);
                device.read(offset, bytes);
                if (request.queue().path() == DataPath.USER_COPY) {
                    request.queue().characterDevice().write(request.userCopyPosition(), bytes);
                }
            }
            case WRITE -> {
                MemorySegment bytes = request.buffer().asSlice(0, length);
                if (request.queue().path() == DataPath.USER_COPY) {
                    fetch(request, bytes);
                }
                if (request.isDurable() && writes == Writes.SURVIVE_THE_SERVER) {
                    device.writeDurably(offset, bytes);
                } else {
                    device.write(offset, bytes);
                }
                settle();
            }
            case FLUSH -> device.flush();
            case DISCARD -> device.discard(offset, length);
            case WRITE_ZEROES -> {
                device.writeZeroes(
                        offset,
                        length,
                        request.keepsSpace() ? ZeroedSpace.KEPT : ZeroedSpace.RELEASED);
                settle();
            }
            case OTHER -> throw new PosixException("request", Errno.EOPNOTSUPP, "unknown");
        }
    }

    /** After a write: what has to be durable before it is answered. */
    private void settle() throws IOException {
        if (writes == Writes.FLUSHED_EACH) {
            try {
                groupFlush.flush();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted in a flush", e);
            }
        }
    }

    private static void fetch(UblkRequest request, MemorySegment bytes) throws IOException {
        int got = request.queue().characterDevice().read(request.userCopyPosition(), bytes);
        if (got < bytes.byteSize()) {
            throw new PosixException("read", Errno.EIO, "only " + got + " bytes of " + request);
        }
    }

    @Override
    public void close() throws IOException {
        workers.shutdown();
        device.close();
    }
}
