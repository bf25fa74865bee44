package io.arcfs.uring;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a ring should be like. Immutable.
 *
 * @param entries requests that can wait to be submitted, 1 to 32768; rounded up to a power of two
 * @param completions room for completions; 0 for twice the entries
 * @param pollerIdleMillis how long an SQPOLL thread spins before it sleeps; 0 for a second
 */
public record RingSetup(int entries, int completions, int pollerIdleMillis, Set<SetupFlag> flags) {
    public RingSetup {
        if (entries < 1 || entries > 32768) {
            throw new IllegalArgumentException("entries is " + entries + ": 1 to 32768");
        }
        if (completions != 0 && completions < entries) {
            throw new IllegalArgumentException(
                    "completions is " + completions + ", less than entries " + entries);
        }
        flags = flags.isEmpty() ? Set.of() : Collections.unmodifiableSet(EnumSet.copyOf(flags));
    }

    public static RingSetup entries(int entries) {
        return new RingSetup(entries, 0, 0, Set.of());
    }

    public RingSetup completions(int count) {
        return new RingSetup(entries, count, pollerIdleMillis, flags);
    }

    public RingSetup pollerIdle(int millis) {
        return new RingSetup(entries, completions, millis, flags);
    }

    public RingSetup with(SetupFlag... more) {
        EnumSet<SetupFlag> all = EnumSet.noneOf(SetupFlag.class);
        all.addAll(flags);
        all.addAll(List.of(more));
        return new RingSetup(entries, completions, pollerIdleMillis, all);
    }

    boolean has(SetupFlag flag) {
        return flags.contains(flag);
    }
}
