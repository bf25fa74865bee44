package io.arcfs.posix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AtomicPublishTest {
    @TempDir Path dir;

    @Test
    void publishReplacesTheWholeContent() throws IOException {
        Path target = dir.resolve("arc.json");
        Files.writeString(target, "a much longer old content");
        AtomicPublish.publish(target, new byte[] {'n', 'e', 'w'});
        assertThat(target).hasContent("new");
        assertThat(dir).isDirectoryContaining("glob:**/arc.json");
        assertThat(Posix.list(Posix.bytes(dir))).hasSize(1);
    }

    @Test
    void aFailedPublishLeavesTheOldContentAndNoTemporary() throws IOException {
        Path target = dir.resolve("arc.json");
        Files.writeString(target, "old");
        assertThatThrownBy(() ->
                        AtomicPublish.publish(
                                target,
                                file -> {
                                    file.write(0, MemorySegment.ofArray(new byte[9]));
                                    throw new IOException("no more");
                                }))
                .hasMessage("no more");
        assertThat(target).hasContent("old");
        assertThat(Posix.list(Posix.bytes(dir))).hasSize(1);
    }

    @Test
    void leftTemporariesAreRemovedAndNothingElse() throws IOException {
        Files.writeString(dir.resolve(".arc.json.0123456789abcdef.publish"), "torn");
        Files.writeString(dir.resolve("arc.json"), "kept");
        AtomicPublish.removeTemporaries(dir);
        assertThat(Posix.list(Posix.bytes(dir))).containsExactly(Posix.bytes("arc.json"));
    }
}
