package io.arcfs.tier.local;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What people should know is wrong, one line per subject. Thread-safe. */
final class Problems {
    private final Map<String, String> bySubject = new ConcurrentSkipListMap<>();

    /** Replaces what was said of this subject. */
    void set(String subject, String line) {
        bySubject.put(subject, line);
    }

    void clear(String subject) {
        bySubject.remove(subject);
    }

    List<String> lines() {
        return List.copyOf(bySubject.values());
    }
}
