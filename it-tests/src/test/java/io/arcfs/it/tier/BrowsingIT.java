package io.arcfs.it.tier;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Looking at archived, evicted files touches no cold medium. */
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
final class BrowsingIT {
    private static long objectsRead(TestVolume volume) {
        long objects = 0;
        for (JsonNode medium : volume.status().path("cold")) {
            objects += medium.path("objectsRead").asLong();
        }
        return objects;
    }

    private static void makeCold(TestVolume volume) {
        volume.arc("archive");
        volume.arc("flush");
        volume.arc("evict");
        assertThat(volume.status().at("/containers/staged").asInt()).isZero();
        assertThat(volume.status().at("/containers/cold").asInt()).isZero();
        // Neither the kernel nor a handle remembers anything.
        volume.unmount();
        volume.mount();
    }

    @Test
    void aThousandFilmsPhotosAndDocuments() throws IOException {
        SampleFiles files = new SampleFiles(7);
        try (TestVolume volume = TestVolume.makeAndMount()) {
            files.make(volume.mountPoint(), 200);
            makeCold(volume);
            JsonNode status = volume.status();
            assertThat(status.at("/containers/evicted").asInt()).isPositive();
            System.out.printf(
                    "heads of 1,000 files take %.0f MiB of the SSD%n",
                    status.at("/ssd/headBytes").asLong() / 1048576.0);

            Command.of("ls", "-lR", volume.mountPoint()).succeed();
            Command.of("find", volume.mountPoint(), "-ls").succeed();
            if (Command.of("sh", "-c", "command -v gio").run().exit() == 0) {
                Command.of(
                                "sh",
                                "-c",
                                "find . -type f | head -100 | while IFS= read -r f; do"
                                        + " gio info \"$f\" >/dev/null || exit 1; done")
                        .in(volume.mountPoint())
                        .succeed();
            }
            // In small pieces, which the kernel reads ahead of most.
            Command.of("sh", "-c", "find . -name '*.mp4' -exec head -q -c 131072 {} + >/dev/null")
                    .in(volume.mountPoint())
                    .succeed();
            assertThat(files.probes()).hasSizeGreaterThan(2000);
            for (SampleFiles.Probe probe : files.probes()) {
                read(volume.mountPoint().resolve(probe.file()), probe.offset(), probe.length());
            }
            assertThat(objectsRead(volume)).as("objects read by looking").isZero();

            // And that it really is cold.
            read(volume.mountPoint().resolve("shelf 0/film 0 raw.mp4"), 700 << 10, 4096);
            assertThat(objectsRead(volume)).isPositive();
        }
    }

    private static void read(Path file, long offset, int length) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[length];
            open.seek(offset);
            open.readFully(bytes);
        }
    }

    /**
     * The programs themselves, on films of their own making, over a medium that takes its time:
     * whoever looks at a file does not wait for it, who reads behind its head does.
     */
    @Test
    @Tag("slow")
    void ffprobeOfRealFilmsOnASlowMedium() throws IOException {
        Path made = Scratch.directory("films");
        Path cold = Scratch.directory("sim");
        List<String> films = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String size = i % 2 == 0 ? "640x360" : "1280x720";
            String source = "testsrc2=size=" + size + ":rate=25:duration=" + (20 + 20 * i);
            Path raw = made.resolve("raw" + i + ".mp4");
            ffmpeg("-f", "lavfi", "-i", source, "-f", "lavfi", "-i", "sine=d=20", raw);
            ffmpeg("-i", raw, "-c", "copy", "-movflags", "+faststart", made.resolve(i + "f.mp4"));
            ffmpeg("-i", raw, "-c", "copy", made.resolve(i + ".mkv"));
            films.addAll(List.of("raw" + i + ".mp4", i + "f.mp4", i + ".mkv"));
        }
        // Quarter speed: 7.5 s until the medium is mounted, when the first byte is wanted.
        String medium = "sim:" + cold + "?mount=30s&locate=120s&mbps=60&scale=0.25";
        try (TestVolume volume = TestVolume.makeAndMount("--cold", medium)) {
            Command.of("cp", "-a", made + "/.", volume.mountPoint()).succeed();
            makeCold(volume);
            List<Duration> looks = new ArrayList<>();
            looks.add(look(volume, "ls", "-lR", volume.mountPoint()));
            looks.add(look(volume, "stat", "-f", volume.mountPoint()));
            looks.add(look(volume, "getfattr", "-dR", "-m-", volume.mountPoint()));
            for (String film : films) {
                Path path = volume.mountPoint().resolve(film);
                looks.add(look(volume, "gio", "info", path));
                looks.add(look(volume, "head", "-c", "131072", path));
                looks.add(look(volume, "ffprobe", "-v", "error", "-show_entries", "stream", path));
            }
            Duration longest = Collections.max(looks);
            Duration film =
                    timed("dd", "bs=64K", "skip=16", "count=1", "if=" + onlyBehindItsHead(volume));
            System.out.printf(
                    "%d looks at cold files took %d ms at most, a byte of a film %d ms%n",
                    looks.size(), longest.toMillis(), film.toMillis());
            assertThat(objectsRead(volume)).isPositive();
            assertThat(film).isGreaterThan(Duration.ofSeconds(7));
            assertThat(longest).isLessThan(Duration.ofSeconds(5));
        } finally {
            Scratch.delete(made);
            Scratch.delete(cold);
        }
    }

    /** How long it took; it must not have touched the medium. */
    private static Duration look(TestVolume volume, Object... command) {
        Duration took = timed(command);
        assertThat(objectsRead(volume)).as("objects read by " + List.of(command)).isZero();
        return took;
    }

    private static Duration timed(Object... command) {
        long start = System.nanoTime();
        Command.of(command).succeed();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** The longest film, whose middle is in no head. */
    private static Path onlyBehindItsHead(TestVolume volume) {
        Path film = volume.mountPoint().resolve("raw3.mp4");
        assertThat(film.toFile().length()).isGreaterThan(2 << 20);
        return film;
    }

    private static void ffmpeg(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-nostdin", "-y"));
        all.addAll(List.of(arguments));
        Command.of(all.toArray()).succeed();
    }
}
