package io.arcfs.tier.recall;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.tier.ContainerId;
import io.arcfs.tier.Priority;
import io.arcfs.tier.catalog.Placement;
import io.arcfs.tier.container.ObjectTable;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecallQueueTest {
    private final RecallQueue queue = new RecallQueue();

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

    private void add(int container, int object, Priority priority) {
        ContainerId id = new ContainerId(container, 1);
        queue.add(new PendingObject(new ObjectKey(id, object), target(id), priority));
    }

    private List<String> take(int most) {
        return queue.takeRun(most).stream()
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
            public void install(int object, MemorySegment bytes) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void settled() {}
        };
    }
}
