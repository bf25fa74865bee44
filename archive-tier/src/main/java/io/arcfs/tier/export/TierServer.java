package io.arcfs.tier.export;

import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.SynchronousQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The owner's end of the socket: every method of {@link TierControl} and {@link TierMaintenance},
 * called by its name. A connection carries one call at a time; while it runs, a second thread reads
 * on, so that a caller who hangs up interrupts the call (E2). Thread-safe.
 */
public final class TierServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TierServer.class);

    private final ServerSocketChannel listener;
    private final Path socket;
    private final TierControl control;
    private final TierMaintenance maintenance;
    private final String node;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    private TierServer(
            ServerSocketChannel listener,
            Path socket,
            TierControl control,
            TierMaintenance maintenance,
            String node) {
        this.maintenance = maintenance;
        this.listener = listener;
        this.socket = socket;
        this.control = control;
        this.node = node;
    }

    /**
     * @param node path of the block device that carries the tier's bytes
     */
    public static TierServer start(
            Path volume, TierControl control, TierMaintenance maintenance, String node)
            throws IOException {
        TierServer server =
                new TierServer(
                        TierSocket.listen(volume),
                        TierSocket.in(volume),
                        control,
                        maintenance,
                        node);
        Thread.ofPlatform().daemon().name("tier-socket").start(server::accept);
        return server;
    }

    private void accept() {
        while (!closed) {
            try {
                SocketChannel channel = listener.accept();
                open.add(channel);
                Thread.ofPlatform().daemon().name("tier-call").start(() -> serve(channel));
            } catch (ClosedChannelException e) {
                return; // closed by close()
            } catch (IOException e) {
                LOG.error("the tier's socket takes no calls any more", e);
                return;
            }
        }
    }

    private void serve(SocketChannel channel) {
        try (channel) {
            DataInputStream in = TierSocket.input(channel);
            DataOutputStream out = TierSocket.output(channel);
            out.writeLong(TierSocket.MAGIC);
            out.writeUTF(node);
            out.flush();
            Calls calls = new Calls(in, Thread.currentThread());
            Thread.ofPlatform().daemon().name("tier-caller").start(calls);
            while (true) {
                answer(calls.next(), out);
            }
        } catch (IOException | InterruptedException e) {
            LOG.debug("a caller has gone: {}", e.toString());
        } finally {
            open.remove(channel);
        }
    }

    private void answer(Call call, DataOutputStream out) throws IOException {
        Object result;
        try {
            boolean ofControl = call.method().getDeclaringClass() == TierControl.class;
            result = call.method().invoke(ofControl ? control : maintenance, call.arguments());
        } catch (InvocationTargetException e) {
            out.writeBoolean(false);
            WireFailure.write(out, e.getTargetException());
            out.flush();
            return;
        } catch (ReflectiveOperationException e) {
            throw new IOException("cannot call " + call.method(), e);
        }
        out.writeBoolean(true);
        WireCodec.write(out, call.method().getGenericReturnType(), result);
        out.flush();
    }

    /** A method and what to call it with. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Call(Method method, @Nullable Object[] arguments) {}

    /** Reads calls ahead of the thread that makes them; interrupts it at the end. */
    private static final class Calls implements Runnable {
        private final DataInputStream in;
        private final Thread caller;
        private final SynchronousQueue<Call> read = new SynchronousQueue<>();

        Calls(DataInputStream in, Thread caller) {
            this.in = in;
            this.caller = caller;
        }

        Call next() throws InterruptedException {
            return read.take();
        }

        @Override
        public void run() {
            try {
                while (true) {
                    read.put(readCall(in));
                }
            } catch (EOFException | ClosedChannelException e) {
                LOG.debug("the caller hung up");
            } catch (IOException e) {
                LOG.warn("a call could not be read: {}", e.toString());
            } catch (InterruptedException e) {
                LOG.debug("interrupted");
            } finally {
                caller.interrupt();
            }
        }
    }

    private static Call readCall(DataInputStream in) throws IOException {
        Method method = method(in.readUTF());
        Type[] types = method.getGenericParameterTypes();
        @Nullable Object[] arguments = new @Nullable Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = WireCodec.read(in, types[i]);
        }
        return new Call(method, arguments);
    }

    private static Method method(String signature) throws IOException {
        for (Class<?> type : List.of(TierControl.class, TierMaintenance.class)) {
            for (Method method : type.getMethods()) {
                if (RemoteTierControl.signature(method).equals(signature)) {
                    return method;
                }
            }
        }
        throw new IOException("no command " + signature);
    }

    /** Hangs up on all callers and removes the socket. Idempotent. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        listener.close();
        Files.deleteIfExists(socket);
        for (SocketChannel channel : open) {
            channel.close();
        }
    }
}
