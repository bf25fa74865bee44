package io.arcfs.tier.export;

import io.arcfs.tier.TierControl;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The caller's end of the socket, as a {@link TierControl}. Each call has a connection of its own
 * while it runs; idle ones are used again. Interrupting a caller hangs up, which interrupts the call
 * at the owner's (E2). Thread-safe.
 */
final class RemoteTierControl implements InvocationHandler, AutoCloseable {
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
        return (TierControl)
                Proxy.newProxyInstance(
                        TierControl.class.getClassLoader(),
                        new Class<?>[] {TierControl.class},
                        this);
    }

    /** What names a method on the wire: overloads differ by their parameters. */
    static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getParameterTypes());
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "toString" -> "tier of " + volume + " at " + node;
                case "hashCode" -> System.identityHashCode(proxy);
                default -> arguments != null && proxy == arguments[0];
            };
        }
        try {
            return call(method, arguments == null ? new Object[0] : arguments);
        } catch (IOException e) {
            if (Arrays.stream(method.getExceptionTypes()).anyMatch(t -> t.isInstance(e))) {
                throw e;
            }
            throw new UncheckedIOException(e); // a method that says it cannot fail
        }
    }

    private @Nullable Object call(Method method, @Nullable Object[] arguments) throws Throwable {
        if (closed) {
            throw new IOException("the tier is closed");
        }
        Connection connection = idle.poll();
        boolean reused = connection != null;
        if (connection == null) {
            connection = Connection.open(volume);
        }
        try {
            connection.send(method, arguments);
        } catch (IOException e) {
            connection.close();
            if (!reused || e instanceof ClosedByInterruptException) {
                throw e;
            }
            // The owner was replaced meanwhile and has not seen the call: to the new one.
            connection = Connection.open(volume);
            connection.send(method, arguments);
        }
        Answer answer;
        try {
            answer = connection.receive(method.getGenericReturnType());
        } catch (IOException e) {
            connection.close();
            throw e;
        }
        if (closed) {
            connection.close();
        } else {
            idle.add(connection);
        }
        if (answer.failure() != null) {
            throw answer.failure();
        }
        return answer.value();
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

        void send(Method method, @Nullable Object[] arguments) throws IOException {
            out.writeUTF(signature(method));
            Type[] types = method.getGenericParameterTypes();
            for (int i = 0; i < types.length; i++) {
                WireCodec.write(out, types[i], arguments[i]);
            }
            out.flush();
        }

        Answer receive(Type type) throws IOException {
            return in.readBoolean()
                    ? new Answer(WireCodec.read(in, type), null)
                    : new Answer(null, WireFailure.read(in));
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
