package io.arcfs.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments as the bytes they are: the JVM replaces what is no UTF-8, the kernel still has it. A
 * byte b that is no UTF-8 is kept as the lone surrogate 0xDC00 + b, which no valid text holds.
 * Stateless.
 */
public final class ByteArguments {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");
    private static final char ESCAPE_BASE = 0xDC00;
    private static final char REPLACEMENT = '\uFFFD';

    private ByteArguments() {}

    /** The arguments with the bytes restored that decoding lost. */
    static String[] restore(String[] arguments) {
        boolean damaged = false;
        for (String argument : arguments) {
            damaged |= argument.indexOf(REPLACEMENT) >= 0;
        }
        if (!damaged) {
            return arguments;
        }
        try {
            return tail(Files.readAllBytes(COMMAND_LINE), arguments);
        } catch (IOException e) {
            // Without /proc such a name cannot be given; the damaged one will not be found.
            return arguments;
        }
    }

    /** The last arguments of a NUL-separated command line. */
    static String[] tail(byte[] commandLine, String[] arguments) {
        List<String> all = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < commandLine.length; i++) {
            if (commandLine[i] == 0) {
                all.add(decode(commandLine, start, i));
                start = i + 1;
            }
        }
        if (all.size() < arguments.length) {
            return arguments;
        }
        return all.subList(all.size() - arguments.length, all.size()).toArray(String[]::new);
    }

    private static String decode(byte[] bytes, int from, int to) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer out = CharBuffer.allocate(to - from + 1);
        while (true) {
            CoderResult result = decoder.decode(in, out, true);
            if (!result.isError()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (ESCAPE_BASE + Byte.toUnsignedInt(in.get())));
            }
            decoder.reset();
        }
    }

    /** The bytes of an argument, or of any name. */
    public static byte[] bytesOf(String argument) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(argument.length());
        argument.codePoints()
                .forEach(c -> {
                    if (c > ESCAPE_BASE + 0x7F && c <= ESCAPE_BASE + 0xFF) {
                        bytes.write(c - ESCAPE_BASE);
                    } else {
                        bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                    }
                });
        return bytes.toByteArray();
    }

    /** The text of bytes that {@link #bytesOf} gives back. */
    public static String textOf(byte[] bytes) {
        return decode(bytes, 0, bytes.length);
    }
}
