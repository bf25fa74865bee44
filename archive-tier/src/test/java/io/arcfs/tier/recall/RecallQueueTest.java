package io.arcfs.tier.recall;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Priority;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.ObjectTable;
import io.arcfs.tier.medium.AccessCosts;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecallQueueTest {
    private static final int OBJECT = 252 << 10;

    /** A quarter of the whole way takes as long as reading 30 MB. */
    private static final AccessCosts COSTS =
            new AccessCosts(Duration.ZERO, Duration.ofSeconds(2), 60_000_000, 1L << 40);

    private final RecallQueue queue = new RecallQueue();
    private Duration now = Duration.ZERO;

    @Test
    void adjacentObjectsAreTakenInOneRunWhateverTheirClass() {
        add(1, 7, Priority.PRESTAGE);
        add(1, 5, Priority.READAHEAD);
        add(1, 6, Priority.FOREGROUND);
        add(1, 9, Priority.FOREGROUND);
        assertThat(take(16)).containsExactly("1/6", "1/7");
        assertThat(take(16)).containsExactly("1/9");
        assertThat(take(16)).containsExactly("1/5");
        assertThat(take(16)).isEmpty();
    }

    @Test
    void whoWaitsGoesBeforeWhoMerelyWants() {
        add(1, 0, Priority.PRESTAGE);
        add(2, 0, Priority.READAHEAD);
        add(3, 0, Priority.FOREGROUND);
        assertThat(take(16)).containsExactly("3/0");
        assertThat(take(16)).containsExactly("2/0");
        assertThat(take(16)).containsExactly("1/0");
    }

    @Test
    void theMediumMovesOnwardBeforeItGoesBack() {
        add(5, 10, Priority.FOREGROUND);
        assertThat(take(16)).containsExactly("5/10");
        add(2, 0, Priority.FOREGROUND);
        add(9, 3, Priority.FOREGROUND);
        add(5, 11, Priority.FOREGROUND);
        assertThat(take(16)).containsExactly("5/11");
        assertThat(take(16)).containsExactly("9/3");
        assertThat(take(16)).containsExactly("2/0");
    }

    @Test
    void aRunIsBounded() {
        for (int i = 0; i < 40; i++) {
            add(1, i, Priority.PRESTAGE);
        }
        assertThat(take(16)).hasSize(16).startsWith("1/0");
        assertThat(take(16)).hasSize(16).startsWith("1/16");
        assertThat(take(16)).hasSize(8).endsWith("1/39");
    }

    @Test
    void whatIsWantedNextToWhereTheMediumStandsComesBeforeGoingAwayForAnother() {
        addSince(0, Priority.FOREGROUND, 1, 0);
        assertThat(take(1)).containsExactly("1/0");
        for (int i = 1; i < 4; i++) {
            addSince(i, Priority.READAHEAD, 1, 0);
        }
        addSince(0, Priority.FOREGROUND, 7, 0);
        assertThat(take(2)).containsExactly("1/1", "1/2");
        assertThat(take(2)).containsExactly("1/3");
        assertThat(take(2)).containsExactly("7/0");
    }

    @Test
    void butNotForeverAndNotForWhatNobodyWaitsFor() {
        for (int i = 0; i < 400; i++) {
            addSince(i, Priority.READAHEAD, 1, 0);
        }
        addSince(0, Priority.FOREGROUND, 7, 0);
        assertThat(take(1)).containsExactly("7/0");
        assertThat(take(1)).containsExactly("1/0");
        addSince(0, Priority.FOREGROUND, 8, 0);
        int stayed = 1;
        while (take(1).getFirst().startsWith("1/")) {
            stayed++;
        }
        assertThat((long) stayed * OBJECT).isBetween(30_000_000L, 31_000_000L);

        addSince(5, Priority.PRESTAGE, 9, 0);
        addSince(6, Priority.PRESTAGE, 9, 0);
        queue.removeAll();
        addSince(5, Priority.PRESTAGE, 9, 0);
        assertThat(take(1)).containsExactly("9/5");
        addSince(6, Priority.PRESTAGE, 9, 0);
        addSince(0, Priority.FOREGROUND, 2, 0);
        assertThat(take(1)).containsExactly("2/0");
    }

    @Test
    void whoWasBlockedTooLongGoesBeforeAStreamThatNeverEnds() {
        addSince(0, Priority.FOREGROUND, 5, 0);
        assertThat(take(1)).containsExactly("5/0");
        addSince(3, Priority.FOREGROUND, 1, 0);
        for (int second = 1; ; second++) {
            assertThat(second).isLessThan(62);
            now = Duration.ofSeconds(second);
            // Steps of two, so that it is the direction and not the place that keeps it there.
            addSince(2 * second, Priority.FOREGROUND, 5, second);
            if (take(1).contains("1/3")) {
                assertThat(second).isEqualTo(60);
                return;
            }
        }
    }

    @Test
    void aPlayersDeadlineGoesBeforeReadersThatWait() {
        PendingObject film = pending(9, 0, Priority.READAHEAD);
        film.deadlineNanos = Duration.ofSeconds(50).toNanos();
        queue.add(film);
        addSince(0, Priority.FOREGROUND, 1, 0);
        addSince(0, Priority.FOREGROUND, 2, 0);
        assertThat(take(1)).containsExactly("1/0");
        now = Duration.ofSeconds(50);
        assertThat(take(1)).containsExactly("9/0");
        assertThat(take(1)).containsExactly("2/0");
    }

    @Test
    void whatIsRemovedIsGoneWhateverItHasBecome() {
        PendingObject due = pending(9, 0, Priority.FOREGROUND);
        due.deadlineNanos = 5;
        queue.add(due);
        addSince(0, Priority.FOREGROUND, 1, 0);
        now = Duration.ofMinutes(10);
        take(1);
        queue.removeAll();
        assertThat(queue.isEmpty()).isTrue();
        assertThat(take(1)).isEmpty();
    }

    private void addSince(int object, Priority priority, int container, int sinceSeconds) {
        PendingObject pending = pending(container, object, priority);
        pending.blockedSinceNanos = Duration.ofSeconds(sinceSeconds).toNanos();
        queue.add(pending);
    }

    private void add(int container, int object, Priority priority) {
        queue.add(pending(container, object, priority));
    }

    private static PendingObject pending(int container, int object, Priority priority) {
        ContainerId id = new ContainerId(container, 1);
        PendingObject pending = new PendingObject(new ObjectKey(id, object), target(id), priority);
        pending.position = container * (480L << 20) + (long) object * OBJECT;
        return pending;
    }

    private List<String> take(int most) {
        return queue.takeRun(most, now.toNanos(), COSTS).stream()
                .map(o -> o.key.container().number() + "/" + o.key.object())
                .toList();
    }

    private static RecallTarget target(ContainerId id) {
        return new RecallTarget() {
            @Override
            public ContainerId id() {
                return id;
            }

            @Override
            public List<Placement> placements() {
                return List.of();
            }

            @Override
            public ObjectTable objects() {
                throw new UnsupportedOperationException();
            }

            @Override
            public int objectBytes(int object) {
                return OBJECT;
            }

            @Override
            public void install(
                    int firstObject, int objects, MemorySegment bytes, int[] blockCrcs) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void settled() {}
        };
    }
}
