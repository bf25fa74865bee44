package io.arcfs.tier.export;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values as bytes, by their declared types: numbers, booleans, strings, byte arrays, enums, UUIDs,
 * durations, records of such, lists and maps of such. Both ends are the same build, so there are no
 * versions. Stateless.
 */
final class WireCodec {
    /** The most that a length may claim before its bytes have come. */
    private static final int MAX_BYTES = 64 << 20;

    private WireCodec() {}

    static void write(DataOutput out, Type type, @Nullable Object value) throws IOException {
        if (type == void.class) {
            return;
        }
        if (value == null) {
            throw new IllegalArgumentException("null as " + type.getTypeName() + " cannot be sent");
        }
        if (type instanceof ParameterizedType generic) {
            writeCollection(out, generic, value);
            return;
        }
        Class<?> plain = (Class<?>) type;
        switch (value) {
            case Long number -> out.writeLong(number);
            case Integer number -> out.writeInt(number);
            case Boolean bit -> out.writeBoolean(bit);
            case Double number -> out.writeDouble(number);
            case String text -> writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
            case byte[] bytes -> writeBytes(out, bytes);
            case Enum<?> constant ->
                    writeBytes(out, constant.name().getBytes(StandardCharsets.UTF_8));
            case UUID uuid -> {
                out.writeLong(uuid.getMostSignificantBits());
                out.writeLong(uuid.getLeastSignificantBits());
            }
            case Duration time -> out.writeLong(time.toNanos());
            case Record record -> writeRecord(out, plain, record);
            default -> throw unsupported(type);
        }
    }

    private static void writeCollection(DataOutput out, ParameterizedType type, Object value)
            throws IOException {
        Type[] parts = type.getActualTypeArguments();
        switch (value) {
            case List<?> list -> {
                out.writeInt(list.size());
                for (Object element : list) {
                    write(out, parts[0], element);
                }
            }
            case Map<?, ?> map -> {
                out.writeInt(map.size());
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    write(out, parts[0], entry.getKey());
                    write(out, parts[1], entry.getValue());
                }
            }
            default -> throw unsupported(type);
        }
    }

    private static void writeRecord(DataOutput out, Class<?> type, Record record)
            throws IOException {
        for (RecordComponent component : type.getRecordComponents()) {
            try {
                write(out, component.getGenericType(), component.getAccessor().invoke(record));
            } catch (ReflectiveOperationException e) {
                throw new IOException("cannot read " + component, e);
            }
        }
    }

    /** The value of a type; null for void. */
    static @Nullable Object read(DataInput in, Type type) throws IOException {
        if (type instanceof ParameterizedType generic) {
            return readCollection(in, generic);
        }
        if (!(type instanceof Class<?> plain)) {
            throw unsupported(type);
        }
        if (plain == void.class) {
            return null;
        } else if (plain == long.class || plain == Long.class) {
            return in.readLong();
        } else if (plain == int.class || plain == Integer.class) {
            return in.readInt();
        } else if (plain == boolean.class || plain == Boolean.class) {
            return in.readBoolean();
        } else if (plain == double.class) {
            return in.readDouble();
        } else if (plain == String.class) {
            return new String(readBytes(in), StandardCharsets.UTF_8);
        } else if (plain == byte[].class) {
            return readBytes(in);
        } else if (plain == UUID.class) {
            return new UUID(in.readLong(), in.readLong());
        } else if (plain == Duration.class) {
            return Duration.ofNanos(in.readLong());
        } else if (plain.isEnum()) {
            return readEnum(in, plain);
        } else if (plain.isRecord()) {
            return readRecord(in, plain);
        }
        throw unsupported(type);
    }

    private static Object readEnum(DataInput in, Class<?> type) throws IOException {
        String name = new String(readBytes(in), StandardCharsets.UTF_8);
        for (Object constant : type.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        throw new IOException("no " + type.getSimpleName() + " " + name);
    }

    private static Object readCollection(DataInput in, ParameterizedType type) throws IOException {
        Type[] parts = type.getActualTypeArguments();
        int size = readLength(in);
        if (type.getRawType() == List.class) {
            List<@Nullable Object> list = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                list.add(read(in, parts[0]));
            }
            return list;
        }
        if (type.getRawType() == Map.class) {
            Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
            for (int i = 0; i < size; i++) {
                map.put(read(in, parts[0]), read(in, parts[1]));
            }
            return map;
        }
        throw unsupported(type);
    }

    private static Object readRecord(DataInput in, Class<?> type) throws IOException {
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = read(in, components[i].getGenericType());
        }
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IOException("not a " + type.getSimpleName() + ": " + e.getCause(), e);
        } catch (ReflectiveOperationException e) {
            throw new IOException("cannot make " + type, e);
        }
    }

    private static void writeBytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInput in) throws IOException {
        byte[] bytes = new byte[readLength(in)];
        in.readFully(bytes);
        return bytes;
    }

    private static int readLength(DataInput in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a length of " + length + " is not one");
        }
        return length;
    }

    private static IllegalArgumentException unsupported(Type type) {
        return new IllegalArgumentException(type.getTypeName() + " cannot be sent");
    }
}
