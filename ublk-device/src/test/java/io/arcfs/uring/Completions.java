package io.arcfs.uring;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a ring completed, by user data, in order. */
final class Completions implements CompletionHandler {
    private final Map<Long, List<Integer>> results = new LinkedHashMap<>();
    private final List<Long> order = new ArrayList<>();

    @Override
    public void completed(long userData, int result, int flags) {
        results.computeIfAbsent(userData, _ -> new ArrayList<>()).add(result);
        order.add(userData);
    }

    /** Reaps until this many have come in all; fails when they do not in 20 s. */
    Completions await(IoUring ring, int count) throws IOException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (order.size() < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("only " + order.size() + " of " + count + ": " + results);
            }
            ring.submitAndWait(1, 100_000_000L);
            ring.reap(this);
        }
        return this;
    }

    int of(long userData) {
        List<Integer> all = results.getOrDefault(userData, List.of());
        if (all.size() != 1) {
            throw new AssertionError("completions of " + userData + ": " + all);
        }
        return all.getFirst();
    }

    List<Long> order() {
        return order;
    }

    int count() {
        return order.size();
    }
}
