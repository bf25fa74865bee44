package io.arcfs.uring.abi;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Asks the C compiler where fields of structs are and what constants are. */
public final class CHeader {
    private final String headers;
    private final Map<String, Long> expected = new LinkedHashMap<>();

    public CHeader(String... names) {
        StringBuilder text = new StringBuilder("#include <stddef.h>\n#include <stdio.h>\n");
        for (String name : names) {
            text.append("#include <").append(name).append(">\n");
        }
        headers = text.toString();
    }

    /** Expects size and field offsets of a layout whose member names are C's. */
    public CHeader struct(String type, StructLayout layout) {
        expected.put("sizeof(" + type + ")", layout.byteSize());
        for (MemoryLayout member : layout.memberLayouts()) {
            Optional<String> name = member.name();
            name.ifPresent(field -> {
                expected.put(
                        "offsetof(" + type + ", " + field + ")",
                        layout.byteOffset(PathElement.groupElement(field)));
                expected.put("sizeof(((" + type + " *)0)->" + field + ")", member.byteSize());
            });
        }
        return this;
    }

    public CHeader constant(String expression, long value) {
        expected.put("(" + expression + ")", value);
        return this;
    }

    /** What the compiler says of everything expected; empty when it cannot compile this. */
    public Optional<Map<String, Long>> askCompiler(Path directory)
            throws IOException, InterruptedException {
        StringBuilder program = new StringBuilder(headers).append("int main(void) {\n");
        List<String> expressions = new ArrayList<>(expected.keySet());
        for (int i = 0; i < expressions.size(); i++) {
            program.append(
                    "printf(\"%d %%lld\\n\", (long long) %s);\n".formatted(i, expressions.get(i)));
        }
        program.append("return 0; }\n");
        Path source = Files.writeString(directory.resolve("layout.c"), program);
        Path binary = directory.resolve("layout");
        Path out = directory.resolve("layout.out");
        if (!run(out, "gcc", "-o", binary.toString(), source.toString())
                || !run(out, binary.toString())) {
            return Optional.empty();
        }
        Map<String, Long> answers = new TreeMap<>();
        for (String line : Files.readAllLines(out)) {
            String[] words = line.split(" ", 2);
            answers.put(expressions.get(Integer.parseInt(words[0])), Long.parseLong(words[1]));
        }
        return Optional.of(answers);
    }

    public Map<String, Long> expected() {
        return new TreeMap<>(expected);
    }

    private static boolean run(Path out, String... command)
            throws IOException, InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(new File(out.toString()))
                            .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such program
        }
    }
}
