package io.arcfs.tier.export;

import io.arcfs.posix.PosixException;
import io.arcfs.tier.TierControl;
import io.arcfs.tier.TierMaintenance;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The caller's end of the socket, as a {@link TierControl}. Each call has a connection of its own
 * while it runs; idle ones are used again. Interrupting a caller hangs up, which interrupts the
 * call at the owner's (E2). Thread-safe.
 */
final class RemoteTierControl implements InvocationHandler, AutoCloseable {
    private static final Duration OWNER_GONE_LIMIT = Duration.ofMinutes(2);
    private static final long RETRY_NANOS = 100_000_000;

    private final Path volume;
    private final ConcurrentLinkedQueue<Connection> idle = new ConcurrentLinkedQueue<>();
    private final String node;
    private volatile boolean closed;

    private RemoteTierControl(Path volume, Connection first) {
        this.volume = volume;
        this.node = first.node;
        idle.add(first);
    }

    /** Fails when nobody exports the tier of this volume. */
    static RemoteTierControl connect(Path volume) throws IOException {
        return new RemoteTierControl(volume, Connection.open(volume));
    }

    /** The block device, as the owner names it. */
    String node() {
        return node;
    }

    TierControl asControl() {
        return (TierControl) proxy(TierControl.class);
    }

    TierMaintenance asMaintenance() {
        return (TierMaintenance) proxy(TierMaintenance.class);
    }

    private Object proxy(Class<?> type) {
        return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this);
    }

    /** What names a method on the wire: overloads differ by their parameters. */
    static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // what Object.equals says of a proxy
    public @Nullable Object invoke(
            Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "toString" -> "tier of " + volume + " at " + node;
                case "hashCode" -> System.identityHashCode(proxy);
                default -> arguments != null && proxy == arguments[0];
            };
        }
        try {
            return call(method, arguments == null ? new Object[0] : arguments);
        } catch (InterruptedException e) {
            if (Arrays.asList(method.getExceptionTypes()).contains(InterruptedException.class)) {
                throw e;
            }
            throw new InterruptedIOException(e.getMessage());
        } catch (IOException e) {
            if (Arrays.stream(method.getExceptionTypes()).anyMatch(t -> t.isInstance(e))) {
                throw e;
            }
            throw new UncheckedIOException(e); // a method that says it cannot fail
        }
    }

    /**
     * One call, again when the owner went away meanwhile: every command of {@link TierControl} can
     * be repeated, and while an owner is replaced its block device only waits, too.
     */
    private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        long deadline = System.nanoTime() + OWNER_GONE_LIMIT.toNanos();
        while (true) {
            if (closed) {
                throw new IOException("the tier is closed");
            }
            Answer answer;
            try {
                answer = callOnce(method, arguments);
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (EOFException | SocketException | NoSuchFileException | PosixException e) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("the server of " + node + " does not answer", e);
                }
                LockSupport.parkNanos(RETRY_NANOS);
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException(
                            "interrupted while " + node + " has no server");
                }
                continue;
            }
            Exception failure = answer.failure();
            if (failure != null) {
                throw failure;
            }
            return answer.value();
        }
    }

    private Answer callOnce(Method method, @Nullable Object[] arguments) throws IOException {
        Connection connection = idle.poll();
        if (connection == null) {
            connection = Connection.open(volume);
        }
        Answer answer;
        try {
            connection.send(method, arguments);
            answer = connection.receive(method.getGenericReturnType());
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (IOException e) {
            connection.close();
            // "Broken pipe" and "Connection reset" come as plain IOExceptions from channels.
            throw e.getClass() == IOException.class && !connection.isAnswering()
                    ? new SocketException(String.valueOf(e.getMessage()))
                    : e;
        }
        if (closed) {
            connection.close();
        } else {
            idle.add(connection);
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Connection one = idle.poll(); one != null; one = idle.poll()) {
            one.close();
        }
    }

    private record Answer(@Nullable Object value, @Nullable Exception failure) {}

    /** One socket, one call at a time. */
    private static final class Connection implements AutoCloseable {
        private final SocketChannel channel;
        private final DataInputStream in;
        private final DataOutputStream out;
        private final String node;
        private boolean answering;

        private Connection(SocketChannel channel) throws IOException {
            this.channel = channel;
            in = TierSocket.input(channel);
            out = TierSocket.output(channel);
            if (in.readLong() != TierSocket.MAGIC) {
                throw new IOException("the socket of the tier speaks something else");
            }
            node = in.readUTF();
        }

        static Connection open(Path volume) throws IOException {
            SocketChannel channel = TierSocket.connect(volume);
            try {
                return new Connection(channel);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        /** Whether part of an answer has come: then what fails is the answer, not the owner. */
        boolean isAnswering() {
            return answering;
        }

        void send(Method method, @Nullable Object[] arguments) throws IOException {
            answering = false;
            out.writeUTF(signature(method));
            Type[] types = method.getGenericParameterTypes();
            for (int i = 0; i < types.length; i++) {
                WireCodec.write(out, types[i], arguments[i]);
            }
            out.flush();
        }

        Answer receive(Type type) throws IOException {
            boolean good = in.readBoolean();
            answering = true;
            return good
                    ? new Answer(WireCodec.read(in, type), null)
                    : new Answer(null, WireFailure.read(in));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
