package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.device.WaitPoint;
import io.arcfs.fuse.memory.Observer;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import java.nio.file.Files;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers whose bytes are slow: they can be interrupted, and hold up nobody else. */
class NativeInterruptTest extends OnNativeMount {
    /** Direct: the kernel does not read ahead, and the program waits for its own request. */
    private static final String READ =
            """
            import os, signal, sys
            # Who was started in the background by a shell has it ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            f = os.open('file', os.O_RDONLY | os.O_DIRECT)
            try:
                print(len(os.read(f, 4096)), flush=True)
            except KeyboardInterrupt:
                print('interrupted', flush=True)
            """;

    private static final String READ_BY_MANY =
            """
            import os, sys, threading
            def read():
                f = os.open('file', os.O_RDONLY | os.O_DIRECT)
                results.append(len(os.read(f, 4096)))
            results = []
            threads = [threading.Thread(target=read) for _ in range(int(sys.argv[1]))]
            for t in threads: t.start()
            for t in threads: t.join()
            print(len(results), sum(results), flush=True)
            """;

    private final SlowReads slow = SlowReads.ofMedium();

    @BeforeEach
    void makeAFile() throws Exception {
        Files.writeString(at("file"), "x".repeat(4096));
    }

    @AfterEach
    void letEverybodyGo() {
        slow.come();
    }

    private static String said(Process process) throws Exception {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("ends").isTrue();
        return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    }

    @Test
    void aWaitingReaderIsInterruptedBySigint() throws Exception {
        fileSystem.observe(slow);
        Process reader = start(READ);
        eventually("it waits", () -> slow.waiting() == 1);
        signal("INT", reader);

        assertThat(said(reader)).isEqualTo("interrupted");
        assertThat(slow.interrupted()).isEqualTo(1);
        assertThat(requests("interrupt")).isEqualTo(1);
    }

    @Test
    void aWaitingReaderThatIsKilledEnds() throws Exception {
        fileSystem.observe(slow);
        Process reader = start(READ);
        eventually("it waits", () -> slow.waiting() == 1);
        signal("KILL", reader);

        assertThat(reader.waitFor(20, TimeUnit.SECONDS)).isTrue();
        eventually("its request is given up", () -> slow.interrupted() == 1);
    }

    @Test
    void anInterruptThatComesBeforeTheWaitIsNotLost() throws Exception {
        var reached = new CountDownLatch(1);
        fileSystem.observe(
                new Observer() {
                    @Override
                    public void reading(long bytes) throws FsException {
                        reached.countDown();
                        try {
                            eventually("it is interrupted", () -> requests("interrupt") > 0);
                            WaitPoint.enter();
                            slow.reading(bytes);
                        } catch (InterruptedException e) {
                            throw new FsException(Reason.INTERRUPTED, "before the wait");
                        }
                    }
                });
        Process reader = start(READ);
        assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();
        signal("INT", reader);

        assertThat(said(reader)).isEqualTo("interrupted");
    }

    @Test
    void anInterruptMeetsOnlyTheRequestItIsFor() throws Exception {
        fileSystem.observe(slow);
        Process first = start(READ);
        Process second = start(READ);
        eventually("both wait", () -> slow.waiting() == 2);
        signal("INT", first);
        assertThat(said(first)).isEqualTo("interrupted");
        assertThat(slow.waiting()).isEqualTo(1);
        slow.come();

        assertThat(said(second)).isEqualTo("4096");
        assertThat(slow.interrupted()).isEqualTo(1);
    }

    @Test
    void aHundredWaitingReadersStopNobodyElse() throws Exception {
        fileSystem.observe(slow);
        Process readers = start(READ_BY_MANY, "100");
        eventually("all wait", () -> slow.waiting() == 100);

        Files.writeString(at("other"), "served");
        assertThat(sh("mkdir d; stat -c %s other; ls; rm -r d")).startsWith("6").contains("d");
        assertThat(nativeMount().readers()).isGreaterThan(100);
        slow.come();
        assertThat(said(readers)).isEqualTo("100 409600");
    }

    @Test
    void readersThatWaitForTheDiskStopNobodyElse() throws Exception {
        SlowReads disk = SlowReads.ofDisk();
        fileSystem.observe(disk);
        Process readers = start(READ_BY_MANY, "8");
        eventually("all wait", () -> disk.waiting() == 8);

        Files.writeString(at("other"), "served");
        assertThat(sh("mkdir d; stat -c %s other; ls; rm -r d")).startsWith("6").contains("d");
        disk.come();
        assertThat(said(readers)).isEqualTo("8 32768");
    }
}
