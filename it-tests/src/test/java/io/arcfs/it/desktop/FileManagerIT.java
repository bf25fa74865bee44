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
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Thunar and its thumbnailer (tumblerd), on a screen and a session bus of their own, open a folder
 * of evicted films and photos. Not one cold object is fetched for them.
 */
@Tag("fuse")
@Needs({Capability.FUSE, Capability.FILE_MANAGER})
class FileManagerIT {
    private static final int FILES = 500;
    private static final long LOOKS_MILLIS = 40_000;

    @Test
    void folderOfEvictedFilesOpensWithoutAColdObject() throws Exception {
        Path scratch = Scratch.directory("thunar");
        Path cold = Files.createDirectory(scratch.resolve("cold"));
        try (TestVolume volume =
                        TestVolume.make(
                                "--threshold",
                                "4G",
                                "--cold",
                                "sim:" + cold + "?load=1s&locate=1s&mbps=60&scale=0.01");
                Screen screen = Screen.open(Files.createDirectory(scratch.resolve("screen")))) {
            volume.mount();
            Path folder = Files.createDirectory(volume.mountPoint().resolve("pictures"));
            fill(folder, Files.createDirectory(scratch.resolve("made")));
            volume.arc("archive");
            volume.arc("flush");
            volume.arc("evict");
            volume.unmount(); // with what the kernel has cached
            volume.mount();
            long before = objectsRead(volume.status());

            Process desktop = browse(screen, folder, scratch);
            try {
                lookThrough(screen);
                screen.keep(Project.target().resolve("screens").resolve("thunar.xwd"));
            } finally {
                end(desktop);
            }
            JsonNode status = volume.status();
            assertThat(objectsRead(status)).as(status.path("recall").toString()).isEqualTo(before);
            assertThat(status.at("/recall/refused").asLong())
                    .as("the thumbnailer wanted cold bytes, or this test shows nothing")
                    .isPositive();
        } finally {
            Scratch.sweep(scratch);
            Scratch.delete(scratch);
        }
    }

    private static long objectsRead(JsonNode status) {
        return status.at("/cold/0/objectsRead").asLong();
    }

    /** Half films, a quarter photos with a thumbnail inside, a quarter without. */
    private static void fill(Path folder, Path made) throws IOException {
        film(made.resolve("film.mp4"));
        jpeg(made.resolve("photo.jpg"), "1700x1300");
        jpeg(made.resolve("small.jpg"), "160x120");
        byte[] film = Files.readAllBytes(made.resolve("film.mp4"));
        byte[] photo = Files.readAllBytes(made.resolve("photo.jpg"));
        assertThat(photo.length).as("more than head and tail").isGreaterThan(640_000);
        byte[] thumbnail = Files.readAllBytes(made.resolve("small.jpg"));
        byte[] withThumbnail = Photo.withThumbnail(photo, thumbnail);
        Random random = new Random(5);
        for (int i = 0; i < FILES; i++) {
            byte[] content = i % 2 == 0 ? film : i % 4 == 1 ? photo : withThumbnail;
            String name = i % 2 == 0 ? "%03d-film.mp4" : "%03d-photo.jpg";
            byte[] own = content.clone();
            own[own.length - 20] = (byte) random.nextInt(256); // no two are the same
            Files.write(folder.resolve(name.formatted(i)), own);
        }
    }

    /** Two seconds of noise, its index at the end. */
    private static void film(Path file) {
        Command.of(
                        "ffmpeg",
                        "-y",
                        "-v",
                        "error",
                        "-f",
                        "lavfi",
                        "-i",
                        "nullsrc=s=320x180:r=25:d=2,geq=random(1)*255:128:128",
                        "-c:v",
                        "libx264",
                        "-preset",
                        "ultrafast",
                        "-crf",
                        "36",
                        "-g",
                        "25",
                        file)
                .succeed();
    }

    private static void jpeg(Path file, String size) {
        Command.of(
                        "ffmpeg",
                        "-y",
                        "-v",
                        "error",
                        "-f",
                        "lavfi",
                        "-i",
                        "nullsrc=s=" + size + ",geq=random(1)*255:128:128",
                        "-frames:v",
                        "1",
                        "-q:v",
                        "12",
                        file)
                .succeed();
    }

    private static Process browse(Screen screen, Path folder, Path scratch) throws IOException {
        Path home = Files.createDirectory(scratch.resolve("home"));
        return Command.of("dbus-run-session", "--", "thunar", folder)
                .with("DISPLAY", screen.display())
                .with("HOME", home.toString())
                .with("XDG_CACHE_HOME", home.resolve(".cache").toString())
                .with("XDG_CONFIG_HOME", home.resolve(".config").toString())
                .with("XDG_DATA_HOME", home.resolve(".local").toString())
                .with("XDG_RUNTIME_DIR", home.toString())
                .with("GIO_USE_VFS", "local")
                .start(scratch.resolve("thunar.out"), scratch.resolve("thunar.err"));
    }

    /** Turns the wheel from the top of the folder to its end: what is not seen has no thumbnail. */
    private static void lookThrough(Screen screen) throws InterruptedException {
        long end = System.currentTimeMillis() + LOOKS_MILLIS;
        while (System.currentTimeMillis() < end) {
            Thread.sleep(500);
            Command.of("xdotool", "mousemove", "400", "300", "click", "--repeat", "5", "5")
                    .with("DISPLAY", screen.display())
                    .run();
        }
    }

    private static void end(Process desktop) throws InterruptedException {
        desktop.descendants().forEach(ProcessHandle::destroy);
        desktop.destroy();
        if (!desktop.waitFor(20, TimeUnit.SECONDS)) {
            desktop.descendants().forEach(ProcessHandle::destroyForcibly);
            desktop.destroyForcibly().waitFor();
        }
    }
}
