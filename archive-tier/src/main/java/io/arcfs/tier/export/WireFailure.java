package io.arcfs.tier.export;

import io.arcfs.tier.WriteRefusedException;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** How an exception of the owner's comes to the caller: as its kind and its message. Stateless. */
final class WireFailure {
    private static final int IO = 1;
    private static final int REFUSED = 2;
    private static final int ARGUMENT = 3;
    private static final int STATE = 4;
    private static final int INTERRUPTED = 5;

    private WireFailure() {}

    static void write(DataOutput out, Throwable failure) throws IOException {
        int kind =
                switch (failure) {
                    case WriteRefusedException _ -> REFUSED;
                    case IllegalArgumentException _ -> ARGUMENT;
                    case IllegalStateException _ -> STATE;
                    case InterruptedException _ -> INTERRUPTED;
                    default -> IO;
                };
        out.writeInt(kind);
        String message = String.valueOf(failure.getMessage());
        // writeUTF takes 64 KiB; a message is for people.
        out.writeUTF(message.length() > 8000 ? message.substring(0, 8000) : message);
    }

    static Exception read(DataInput in) throws IOException {
        int kind = in.readInt();
        String message = in.readUTF();
        return switch (kind) {
            case REFUSED -> new WriteRefusedException(message);
            case ARGUMENT -> new IllegalArgumentException(message);
            case STATE -> new IllegalStateException(message);
            case INTERRUPTED -> new InterruptedException(message);
            default -> new IOException(message);
        };
    }
}
