package io.arcfs.it.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.Project;
import io.arcfs.it.kit.Scratch;
import io.arcfs.it.kit.TestVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * A film plays in place and seeks wherever its bytes are: mpv on a screen of its own, the number of
 * the frame read from that screen. All formats play at once, as many as there are; each has its own
 * verdict.
 */
@Tag("fuse")
@Needs({Capability.FUSE, Capability.PLAYER})
class MediaPlaybackIT {
    private static final long SEED = Long.getLong("arcfs.seed", 11);
    private static final int SEEKS = 10;
    private static final String MEDIUM = "?load=30s&locate=120s&mbps=60&scale=0.01";

    private static Path scratch = Path.of("");
    private static Screen screen;
    private static TestVolume volume;

    /** Where the bytes are when the film is opened. */
    private enum State {
        UPPER,
        BEING_ARCHIVED,
        ARCHIVED_ON_SSD,
        EVICTED,
        EVICTED_BESIDE_A_THOUSAND_SPECULATIVE_READS
    }

    @BeforeAll
    static void prepare() throws Exception {
        scratch = Scratch.directory("desktop");
        screen = Screen.open(Files.createDirectory(scratch.resolve("screen")));
        Path cold = Files.createDirectory(scratch.resolve("cold"));
        volume = TestVolume.make("--threshold", "4G", "--cold", "sim:" + cold + MEDIUM);
        volume.mount();
        Path films = Files.createDirectory(scratch.resolve("films"));
        for (Film film : Film.values()) {
            Files.copy(film.make(films), volume.mountPoint().resolve(film.fileName()));
        }
        byte[] other = new byte[64 << 20];
        new Random(SEED).nextBytes(other);
        Files.write(volume.mountPoint().resolve("other"), other);
    }

    @AfterAll
    static void putAway() {
        if (volume != null) {
            volume.close();
        }
        if (screen != null) {
            screen.close();
        }
        Scratch.delete(scratch);
    }

    @TestFactory
    Stream<DynamicContainer> everyFormatPlaysInEveryState() {
        return Stream.of(State.values())
                .map(state -> {
                    Map<Film, Future<Void>> verdicts = new EnumMap<>(Film.class);
                    Stream<DynamicTest> tests =
                            Stream.of(Film.values())
                                    .map(film ->
                                            DynamicTest.dynamicTest(
                                                    film.name(),
                                                    () -> {
                                                        if (verdicts.isEmpty()) {
                                                            playAll(state, verdicts);
                                                        }
                                                        verdictOf(verdicts, film);
                                                    }));
                    return DynamicContainer.dynamicContainer(state.name(), tests);
                });
    }

    private static void verdictOf(Map<Film, Future<Void>> verdicts, Film film) throws Throwable {
        try {
            Objects.requireNonNull(verdicts.get(film)).get();
        } catch (ExecutionException e) {
            throw e.getCause();
        }
    }

    /** Brings the films into the state and plays them all, whatever becomes of each. */
    private static void playAll(State state, Map<Film, Future<Void>> verdicts) throws Exception {
        long readBefore = bring(state);
        Thread beside = Thread.ofVirtual().unstarted(() -> besides(state));
        try (ExecutorService players = Executors.newCachedThreadPool()) {
            for (Film film : Film.values()) {
                verdicts.put(
                        film,
                        players.submit(() -> {
                            playAndSeek(film);
                            return null;
                        }));
            }
            beside.start();
        }
        beside.join();
        JsonNode status = volume.status();
        switch (state) {
            case UPPER -> assertThat(volume.archivedLayers()).isEmpty();
            case BEING_ARCHIVED -> assertThat(volume.archivedLayers()).isNotEmpty();
            case ARCHIVED_ON_SSD -> assertThat(objectsRead(status)).isEqualTo(readBefore);
            case EVICTED -> assertThat(objectsRead(status)).isGreaterThan(readBefore);
            case EVICTED_BESIDE_A_THOUSAND_SPECULATIVE_READS ->
                    assertThat(status.at("/recall/refused").asLong()).isPositive();
        }
    }

    private static long objectsRead(JsonNode status) {
        return status.at("/cold/0/objectsRead").asLong();
    }

    /** A fresh mount has nothing of the films in the kernel's cache. */
    private static long bring(State state) {
        switch (state) {
            case UPPER, BEING_ARCHIVED, ARCHIVED_ON_SSD -> {}
            case EVICTED, EVICTED_BESIDE_A_THOUSAND_SPECULATIVE_READS -> {
                volume.arc("flush");
                volume.arc("evict");
            }
        }
        volume.unmount();
        volume.mount();
        return objectsRead(volume.status());
    }

    /** What goes on while the films play. */
    private static void besides(State state) {
        switch (state) {
            case BEING_ARCHIVED -> volume.arc("archive");
            case EVICTED_BESIDE_A_THOUSAND_SPECULATIVE_READS -> speculativeReads();
            case UPPER, ARCHIVED_ON_SSD, EVICTED -> {}
        }
    }

    /** A thumbnailer that asks again and again, far from heads and from what the films need. */
    private static void speculativeReads() {
        Path thumbnailer = scratch.resolve("ffmpegthumbnailer");
        Command.of("cp", "/bin/dd", thumbnailer).succeed();
        String script =
                "i=0; while [ $i -lt 1000 ]; do"
                        + " \"$1\" if=\"$2\" of=/dev/null bs=4096 count=1 skip=$((4096 + i * 11))"
                        + " iflag=direct 2>/dev/null; i=$((i + 1)); done; exit 0";
        Command.of("sh", "-c", script, "sh", thumbnailer, volume.mountPoint().resolve("other"))
                .succeed();
    }

    private static void playAndSeek(Film film) throws Exception {
        int place = List.of(Film.values()).indexOf(film);
        int left = place % 3 * Film.WIDTH;
        int top = place / 3 * Film.HEIGHT;
        Path file = volume.mountPoint().resolve(film.fileName());
        try (Player player = Player.open(file, screen, left, top, scratch)) {
            player.awaitStart();
            playToTheEnd(film, player, left, top);
            Random random = new Random(SEED + place);
            player.set("pause", true);
            for (int i = 0; i < SEEKS; i++) {
                int frame = random.nextInt(Film.FRAMES);
                seek(film, player, frame, left, top);
            }
            screen.keep(Project.target().resolve("screens").resolve("playback-" + film + ".xwd"));
        }
    }

    private static void playToTheEnd(Film film, Player player, int left, int top) throws Exception {
        player.set("pause", false);
        List<Integer> shown = new ArrayList<>();
        long end = System.currentTimeMillis() + 90_000;
        while (!player.get("eof-reached").asBoolean()) {
            if (film.hasPicture()) {
                shown.add(Film.numberShown(screen, left, top));
            }
            assertThat(System.currentTimeMillis()).as(player.tailOfLog()).isLessThan(end);
            Thread.sleep(40);
        }
        assertThat(player.stalls()).as("paused for cache: " + player.tailOfLog()).isZero();
        if (film.hasPicture()) {
            awaitFrame(Film.FRAMES - 1, left, top);
            assertThat(shown.stream().distinct().count())
                    .as("it moved: %s", shown)
                    .isGreaterThan(Film.SECONDS);
        } else {
            assertThat(player.get("time-pos").asDouble()).isGreaterThan(Film.SECONDS - 0.5);
        }
    }

    private static void seek(Film film, Player player, int frame, int left, int top)
            throws Exception {
        double seconds = (double) frame / Film.FRAMES_PER_SECOND;
        if (film.hasPicture()) {
            player.seek(Math.max(0, seconds - 0.001));
            awaitFrame(frame, left, top);
        } else {
            player.seek(seconds);
            assertThat(player.get("time-pos").asDouble())
                    .isCloseTo(seconds, org.assertj.core.data.Offset.offset(0.2));
        }
    }

    /** The window is drawn a moment after mpv says that it plays. */
    private static void awaitFrame(int frame, int left, int top)
            throws IOException, InterruptedException {
        int shown = -1;
        for (int i = 0; i < 500; i++) {
            shown = Film.numberShown(screen, left, top);
            if (shown == frame) {
                return;
            }
            Thread.sleep(20);
        }
        assertThat(shown).as("frame on the screen").isEqualTo(frame);
    }
}
