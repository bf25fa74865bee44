package io.arcfs.cli.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Estimates when background work will be done, from how far it was when it was looked at before.
 * Thread-safe.
 */
public final class WorkRates {
    /** Looks nearer to each other say too little. */
    private static final long MIN_NANOS = 500_000_000;

    private record Seen(long doneBytes, long nanos) {}

    private final Map<String, Seen> first = new HashMap<>();
    private final LongSupplier nanoTime;

    public WorkRates() {
        this(System::nanoTime);
    }

    WorkRates(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Sets {@code etaSeconds} of every piece of work, null while nobody can tell. */
    public synchronized void putEtas(ObjectNode status) {
        long now = nanoTime.getAsLong();
        Set<String> present = new HashSet<>();
        for (JsonNode element : status.path("work")) {
            if (element instanceof ObjectNode work) {
                String key = work.path("kind").asText() + ' ' + work.path("subject").asText();
                present.add(key);
                putEta(work, key, now);
            }
        }
        first.keySet().retainAll(present);
    }

    private void putEta(ObjectNode work, String key, long now) {
        long done = work.path("doneBytes").asLong();
        long left = work.path("totalBytes").asLong() - done;
        Seen seen = first.putIfAbsent(key, new Seen(done, now));
        if (seen == null || now - seen.nanos < MIN_NANOS || done <= seen.doneBytes || left < 0) {
            work.putNull("etaSeconds");
            return;
        }
        double bytesPerNano = (double) (done - seen.doneBytes) / (now - seen.nanos);
        work.put("etaSeconds", Math.round(left / bytesPerNano / 1e9));
    }
}
