package io.arcfs.it.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What workers set out to do and what they were told was done: a file outside of what crashes, one
 * line per intent ({@code B worker step}) before the call and one per acknowledgement ({@code E
 * worker}) after it. Thread-safe.
 */
final class Ledger implements AutoCloseable {
    private final FileChannel file;

    private Ledger(FileChannel file) {
        this.file = file;
    }

    static Ledger append(Path path) throws IOException {
        return new Ledger(
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE,
                        StandardOpenOption.APPEND));
    }

    void begin(int worker, Step step) throws IOException {
        line("B " + worker + " " + step.line());
    }

    void done(int worker) throws IOException {
        line("E " + worker);
    }

    /** One write, so that a killed process leaves whole lines. */
    private void line(String text) throws IOException {
        file.write(ByteBuffer.wrap((text + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * What a worker did.
     *
     * @param acknowledged how many of the steps were
     */
    record History(List<Step> steps, int acknowledged) {}

    /** The workers' steps in order; at most the last one of each was not acknowledged. */
    static Map<Integer, History> read(Path path) throws IOException {
        Map<Integer, List<Step>> steps = new TreeMap<>();
        Map<Integer, Integer> acknowledged = new TreeMap<>();
        for (String line : Files.readAllLines(path)) {
            List<String> words = List.of(line.split(" ", -1));
            int worker = Integer.parseInt(words.get(1));
            if (words.get(0).equals("B")) {
                steps.computeIfAbsent(worker, _ -> new ArrayList<>())
                        .add(Step.parse(words.subList(2, words.size())));
            } else {
                acknowledged.put(worker, steps.getOrDefault(worker, List.of()).size());
            }
        }
        Map<Integer, History> histories = new TreeMap<>();
        steps.forEach((worker, all) ->
                histories.put(worker, new History(all, acknowledged.getOrDefault(worker, 0))));
        return histories;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
