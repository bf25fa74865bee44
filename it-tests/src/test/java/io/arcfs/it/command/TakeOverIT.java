package io.arcfs.it.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.it.kit.Capability;
import io.arcfs.it.kit.Command;
import io.arcfs.it.kit.Mounts;
import io.arcfs.it.kit.Needs;
import io.arcfs.it.kit.TestVolume;
import io.arcfs.it.kit.Twin;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A mount outlives the process that serves it: what programs have open and do meanwhile. */
@Tag("slow") // half a minute and more
@Tag("root")
@Tag("fuse")
@Needs({Capability.ROOT, Capability.FUSE})
class TakeOverIT {
    private static final int TAKE_OVERS = 3;

    private static TestVolume mounted(String option) {
        TestVolume volume = TestVolume.make();
        try {
            volume.mount("-o", option);
            return volume;
        } catch (Throwable e) {
            volume.close();
            throw e;
        }
    }

    @Test
    void programsGoOnWhileOneServerFollowsAnother() throws Exception {
        byte[] content = Twin.content(new Random(31), 3 << 20);
        var stop = new AtomicBoolean();
        try (TestVolume volume = mounted("fuse=native");
                ExecutorService programs = Executors.newCachedThreadPool()) {
            Path mount = volume.mountPoint();
            Files.createDirectories(mount.resolve("a/b"));
            Files.write(mount.resolve("a/b/archived"), content);
            volume.arc("archive");
            Files.write(mount.resolve("upper"), content);
            long before = volume.daemon().pid();

            Future<Long> appended = programs.submit(() -> append(mount.resolve("log"), stop));
            Future<?> archived =
                    programs.submit(reader(mount.resolve("a/b/archived"), content, stop));
            Future<?> upper = programs.submit(reader(mount.resolve("upper"), content, stop));
            Future<?> names = programs.submit(() -> makeAndMove(mount.resolve("names"), stop));
            for (int i = 0; i < TAKE_OVERS; i++) {
                long pid = volume.daemon().pid();
                volume.arc().succeed("mount", "--takeover", volume.volume(), mount);
                assertThat(volume.daemon().pid()).as("another process serves").isNotEqualTo(pid);
            }
            stop.set(true);
            archived.get();
            upper.get();
            names.get();
            assertThat(mount.resolve("log")).hasSize(appended.get());
            assertThat(ProcessHandle.of(before)).isEmpty();
            volume.arc("archive");
            assertThat(Files.readAllBytes(mount.resolve("upper"))).isEqualTo(content);
        }
    }

    /** Appends by one handle throughout; returns how many bytes it was told were written. */
    private static long append(Path file, AtomicBoolean stop) throws IOException {
        long written = 0;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            while (!stop.get()) {
                written += channel.write(ByteBuffer.wrap(new byte[1000]));
            }
        }
        return written;
    }

    /** Reads one open handle over and over. */
    private static Callable<Boolean> reader(Path file, byte[] expected, AtomicBoolean stop) {
        return () -> {
            try (RandomAccessFile reader = new RandomAccessFile(file.toFile(), "r")) {
                byte[] got = new byte[expected.length];
                while (!stop.get()) {
                    reader.seek(0);
                    reader.readFully(got);
                    assertThat(got).isEqualTo(expected);
                }
            }
            return true;
        };
    }

    private static boolean makeAndMove(Path directory, AtomicBoolean stop) throws IOException {
        Files.createDirectory(directory);
        for (int i = 0; !stop.get(); i++) {
            Path made = Files.writeString(directory.resolve("file" + i), "content " + i);
            Path moved = Files.move(made, directory.resolve("moved" + i));
            assertThat(Files.readString(moved)).isEqualTo("content " + i);
            Files.delete(moved);
        }
        return true;
    }

    @Test
    void aFileWithoutANameDoesNotGoOverAndSaysSo() throws Exception {
        try (TestVolume volume = mounted("fuse=native")) {
            Path mount = volume.mountPoint();
            Path file = Files.writeString(mount.resolve("file"), "gone");
            try (RandomAccessFile writer = new RandomAccessFile(file.toFile(), "rw")) {
                Files.delete(file);
                volume.arc().succeed("mount", "--takeover", volume.volume(), mount);
                assertThatThrownBy(writer::read)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("Bad file descriptor");
            }
            Files.writeString(file, "new");
            assertThat(Files.readString(file)).isEqualTo("new");
        }
    }

    @Test
    void whatCannotBeTakenOverIsRefusedInOneLine() throws Exception {
        try (TestVolume volume = mounted("fuse=jnr")) {
            Path mount = volume.mountPoint();
            assertThat(volume.arc().run("mount", "--takeover", volume.volume(), mount).err())
                    .contains("libfuse 2.9 cannot hand a mount over");
            Files.writeString(mount.resolve("file"), "served on");
            volume.arc("umount");
            assertThat(volume.arc().run("mount", "--takeover", volume.volume(), mount).err())
                    .contains("is not mounted there");
        }
    }

    /** Plays the service manager: keeps what it is given, and starts the service again with it. */
    private static final String MANAGER =
            """
            import array, os, signal, socket, subprocess, sys, threading
            arc, volume, mount, place = sys.argv[1:]
            manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            manager.bind(place); manager.settimeout(60)
            stored = {}
            def heard():
                text, control, _, _ = manager.recvmsg(4096, 256)
                words = dict(line.split('=', 1) for line in text.decode().splitlines())
                for level, kind, data in control:
                    stored[words['FDNAME']] = array.array('i', data)[0]
                if 'FDSTOREREMOVE' in words: os.close(stored.pop(words['FDNAME']))
                return words
            def started():
                names = list(stored)
                keep = [os.dup(stored[n]) for n in names]
                def place_descriptors():
                    for number, fd in enumerate(keep): os.dup2(fd, 3 + number)
                env = dict(os.environ, NOTIFY_SOCKET=place, FDSTORE='8')
                if names: env.update(LISTEN_FDS=str(len(names)), LISTEN_FDNAMES=':'.join(names))
                p = subprocess.Popen(
                    ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', arc, 'mount', '--foreground', volume, mount],
                    env=env, cwd='/', close_fds=False, preexec_fn=place_descriptors, stdout=subprocess.DEVNULL)
                while heard().get('READY') != '1': pass
                for fd in keep: os.close(fd)
                return p
            # low numbers are for the descriptors that are passed
            spare = [os.open('/dev/null', os.O_RDONLY) for _ in range(8)]
            service = started()
            assert not stored
            log = os.open(mount + '/log', os.O_CREAT | os.O_APPEND | os.O_RDWR)
            os.write(log, b'one')
            os.makedirs(mount + '/a/b'); os.chdir(mount + '/a/b')
            for round in range(2):
                service.send_signal(signal.SIGTERM)
                while len(stored) < 2: heard()
                assert service.wait(60) == 0
                asked = []
                waiting = threading.Thread(
                    target=lambda: asked.append(os.path.exists(mount + f'/none{round}')), daemon=True)
                waiting.start()
                service = started()
                waiting.join(60)
                assert asked == [False] and not stored, (asked, stored)
                os.write(log, b'+')
                assert os.pread(log, 100, 0) == b'one' + b'+' * (round + 1)
                open('here', 'a').write('x')
            assert open(mount + '/a/b/here').read() == 'xx'
            os.chdir('/'); os.close(log)
            subprocess.run([arc, 'umount', volume], check=True, stdout=subprocess.DEVNULL)
            assert service.wait(60) == 0
            print('kept')
            """;

    @Test
    void aServiceManagerKeepsTheMountOverARestart() {
        try (TestVolume volume = TestVolume.make()) {
            assertThat(
                            Command.of(
                                            "python3",
                                            "-c",
                                            MANAGER,
                                            volume.arc().launcher(),
                                            volume.volume(),
                                            volume.mountPoint(),
                                            volume.directory().resolve("notify"))
                                    .succeed()
                                    .out())
                    .isEqualTo("kept\n");
            assertThat(Mounts.isMounted(volume.mountPoint())).isFalse();
        }
    }
}
