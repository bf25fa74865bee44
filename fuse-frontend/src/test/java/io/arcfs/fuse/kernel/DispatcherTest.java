package io.arcfs.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.arcfs.fuse.abi.FuseCalls;
import io.arcfs.fuse.memory.MemoryFileSystem;
import io.arcfs.overlay.FileSystem;
import io.arcfs.overlay.FileSystem.Caller;
import io.arcfs.overlay.FileSystem.OpenMode;
import io.arcfs.overlay.OpenFile;
import io.arcfs.posix.Errno;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests cut short, damaged or never heard of: an error number, never an exception. */
final class DispatcherTest {
    private static final Set<Errno> REFUSALS = Set.of(Errno.EIO, Errno.EINVAL);
    private static final Set<Integer> WITHOUT_REPLY =
            Set.of(Opcode.FORGET, Opcode.BATCH_FORGET, Opcode.INTERRUPT);
    private static final int NOWHERE = -1;
    private static final long SEED = 3;

    private final Arena arena = Arena.ofShared();
    private final Buffers buffers = new Buffers(arena);
    private final MemoryFileSystem fileSystem = new MemoryFileSystem(1 << 20);
    private final Passthrough passthrough = new Passthrough(NOWHERE, "this is a test");
    private final Session session = new Session(fileSystem, passthrough);
    private final Negotiation agreed = new Negotiation(45, InitFlag.WANTED, 0, 1 << 20, 0);
    private final ReaderPool pool =
            new ReaderPool(session, NOWHERE, List.of(), 0, agreed, 1, () -> {});
    private final Reader reader = new DeviceReader("unused", pool, session, NOWHERE, agreed);
    private final Dispatcher dispatcher =
            new Dispatcher(
                    session,
                    reader,
                    buffers,
                    agreed,
                    new Notifier(new FuseCalls(), NOWHERE, arena));
    private final Reply reply = new Reply(buffers, session.nodeIds, session.unanswered);

    private long inode;
    private long handle;

    @BeforeEach
    void makeAFile() throws Exception {
        var made =
                fileSystem.create(
                        FileSystem.ROOT_INODE,
                        "file".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        0644,
                        new OpenMode(true, true, false),
                        new Caller(0, 0, 0));
        inode = made.attributes().inode();
        OpenFile file = made.file();
        handle = session.files.add(session.openModes.openedForReading(inode, file));
    }

    @AfterEach
    void closeArena() {
        arena.close();
    }

    /** Every opcode the kernel knows, and some it does not. */
    static IntStream opcodes() {
        return IntStream.concat(
                IntStream.rangeClosed(0, 70), IntStream.of(-1, 4096, Integer.MIN_VALUE));
    }

    private ReplyFrame answer(RequestFrame frame) {
        return answer(frame, frame.lengthBytes());
    }

    private ReplyFrame answer(RequestFrame frame, int lengthBytes) {
        boolean wanted = dispatcher.dispatch(frame.arrive(buffers, lengthBytes), reply);
        assertThat(wanted).isTrue();
        return ReplyFrame.of(buffers, reply);
    }

    @ParameterizedTest
    @MethodSource("opcodes")
    void aRequestCutAnywhereIsAnsweredOrRefusedNeverThrown(int opcode) {
        RequestFrame frame = RequestFrame.of(opcode, 99, inode).longs(handle).zeros(120);
        for (int length = 40; length <= frame.lengthBytes(); length++) {
            int cut = length;
            assertThatCode(
                            () -> {
                                boolean wanted =
                                        dispatcher.dispatch(frame.arrive(buffers, cut), reply);
                                assertThat(wanted).isEqualTo(!WITHOUT_REPLY.contains(opcode));
                                if (wanted) {
                                    ReplyFrame answer = ReplyFrame.of(buffers, reply);
                                    assertThat(answer.unique()).isEqualTo(99);
                                    assertThat(answer.error()).isBetween(-4095, 0);
                                }
                            })
                    .as("%s of %d bytes", Opcode.name(opcode), length)
                    .doesNotThrowAnyException();
            makeSureOfTheHandle();
        }
    }

    /** RELEASE of a whole request takes it away. */
    private void makeSureOfTheHandle() {
        if (session.files.get(handle) == null) {
            try {
                makeAFileAgain();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private void makeAFileAgain() throws Exception {
        OpenFile file = fileSystem.open(inode, new OpenMode(true, true, false));
        handle = session.files.add(session.openModes.openedForReading(inode, file));
    }

    /** Requests with a fixed part, and how long it is. */
    private static final List<int[]> FIXED =
            List.of(
                    new int[] {Opcode.SETATTR, 88},
                    new int[] {Opcode.OPEN, 8},
                    new int[] {Opcode.READ, 40},
                    new int[] {Opcode.WRITE, 40},
                    new int[] {Opcode.FSYNC, 16},
                    new int[] {Opcode.FLUSH, 24},
                    new int[] {Opcode.RELEASE, 24},
                    new int[] {Opcode.LSEEK, 24},
                    new int[] {Opcode.FALLOCATE, 32},
                    new int[] {Opcode.COPY_FILE_RANGE, 56},
                    new int[] {Opcode.READDIR, 40},
                    new int[] {Opcode.READDIRPLUS, 40},
                    new int[] {Opcode.RELEASEDIR, 24},
                    new int[] {Opcode.FSYNCDIR, 16},
                    new int[] {Opcode.LOOKUP, 1},
                    new int[] {Opcode.UNLINK, 1},
                    new int[] {Opcode.RMDIR, 1},
                    new int[] {Opcode.MKDIR, 9},
                    new int[] {Opcode.MKNOD, 17},
                    new int[] {Opcode.CREATE, 17},
                    new int[] {Opcode.TMPFILE, 17},
                    new int[] {Opcode.SYMLINK, 2},
                    new int[] {Opcode.LINK, 9},
                    new int[] {Opcode.RENAME, 10},
                    new int[] {Opcode.RENAME2, 18},
                    new int[] {Opcode.GETXATTR, 9},
                    new int[] {Opcode.LISTXATTR, 8},
                    new int[] {Opcode.SETXATTR, 17},
                    new int[] {Opcode.REMOVEXATTR, 1});

    @Test
    void aRequestWithNothingInItIsRefused() {
        for (int[] fixed : FIXED) {
            ReplyFrame answer = answer(RequestFrame.of(fixed[0], 5, FileSystem.ROOT_INODE));
            assertThat(REFUSALS).as(Opcode.name(fixed[0])).contains(Errno.of(-answer.error()));
        }
    }

    @Test
    void noiseIsAnsweredWithoutAnException() {
        var random = new Random(SEED);
        for (int i = 0; i < 5_000; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            int opcode = random.nextInt(56);
            long node = random.nextBoolean() ? inode : random.nextLong();
            RequestFrame frame = RequestFrame.of(opcode, i, node).raw(noise);
            boolean wanted = dispatcher.dispatch(frame.arrive(buffers), reply);
            assertThat(wanted).isEqualTo(!WITHOUT_REPLY.contains(opcode));
            if (wanted) {
                assertThat(ReplyFrame.of(buffers, reply).error()).isBetween(-4095, 0);
            }
        }
    }

    @Test
    void anOpcodeOfTomorrowIsNotImplemented() {
        for (int opcode : new int[] {0, 7, 37, 40, 54, 63, 64, 4096, -1}) {
            ReplyFrame answer = answer(RequestFrame.of(opcode, 5, 1).zeros(64));
            assertThat(Errno.of(-answer.error())).isEqualTo(Errno.ENOSYS);
        }
    }

    @Test
    void aReadLargerThanAgreedIsRefused() {
        for (int size : new int[] {(1 << 20) + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
            ReplyFrame answer =
                    answer(
                            RequestFrame.of(Opcode.READ, 5, inode)
                                    .longs(handle, 0)
                                    .ints(size)
                                    .zeros(20));
            assertThat(Errno.of(-answer.error())).isEqualTo(Errno.EIO);
        }
    }

    @Test
    void aWriteThatHasNotWhatItSaysIsRefusedAndWritesNothing() throws Exception {
        for (int size : new int[] {11, 1 << 20, Integer.MAX_VALUE, -1}) {
            ReplyFrame answer =
                    answer(
                            RequestFrame.of(Opcode.WRITE, 5, inode)
                                    .longs(handle, 0)
                                    .ints(size)
                                    .zeros(20)
                                    .zeros(10));
            assertThat(Errno.of(-answer.error())).isEqualTo(Errno.EIO);
        }
        assertThat(fileSystem.getattr(inode).size()).isZero();
    }

    @Test
    void aHandleThatIsNotOpenIsRefused() {
        for (int opcode : new int[] {Opcode.READ, Opcode.FSYNC, Opcode.FLUSH, Opcode.READDIR}) {
            for (long wrong : new long[] {0, -1, handle + 1, handle ^ 1L << 40}) {
                ReplyFrame answer =
                        answer(RequestFrame.of(opcode, 5, inode).longs(wrong).zeros(32));
                assertThat(Errno.of(-answer.error())).isEqualTo(Errno.EBADF);
            }
        }
    }

    @Test
    void aForgetOfWhatWasNeverGivenIsSurvivedWithoutAReply() {
        assertThat(
                        dispatcher.dispatch(
                                RequestFrame.of(Opcode.FORGET, 5, 4711).longs(9).arrive(buffers),
                                reply))
                .isFalse();
        assertThat(
                        dispatcher.dispatch(
                                RequestFrame.of(Opcode.BATCH_FORGET, 5, 0)
                                        .ints(1_000_000, 0)
                                        .longs(4711, 1)
                                        .arrive(buffers),
                                reply))
                .isFalse();
    }

    @Test
    void whatTheKernelDidNotTakeIsGivenBack() throws Exception {
        long before = fileSystem.strayReferences();
        int opens = fileSystem.strayOpens();
        for (RequestFrame frame :
                List.of(
                        RequestFrame.of(Opcode.LOOKUP, 1, 1).name("file"),
                        RequestFrame.of(Opcode.LOOKUP, 1, 1).name("missing"),
                        RequestFrame.of(Opcode.MKDIR, 1, 1).ints(0755, 0).name("d"),
                        RequestFrame.of(Opcode.MKNOD, 1, 1).ints(0100644, 0, 0, 0).name("n"),
                        RequestFrame.of(Opcode.SYMLINK, 1, 1).name("s").name("target"),
                        RequestFrame.of(Opcode.LINK, 1, 1).longs(inode).name("l"),
                        RequestFrame.of(Opcode.CREATE, 1, 1).ints(2, 0644, 0, 0).name("c"),
                        RequestFrame.of(Opcode.TMPFILE, 1, 1).ints(2, 0644, 0, 0).name(""),
                        RequestFrame.of(Opcode.OPEN, 1, inode).ints(0, 0),
                        RequestFrame.of(Opcode.OPENDIR, 1, 1).ints(0, 0))) {
            Request request = frame.arrive(buffers);
            assertThat(dispatcher.dispatch(request, reply)).isTrue();
            assertThat(reply.isError()).as(Opcode.name(request.opcode())).isFalse();
            dispatcher.takeBack(request, reply);

            assertThat(fileSystem.strayReferences())
                    .as(Opcode.name(request.opcode()))
                    .isEqualTo(before);
            assertThat(fileSystem.strayOpens()).isEqualTo(opens);
        }
    }

    @Test
    void aListingTheKernelDidNotTakeGivesEveryReferenceBack() throws Exception {
        long before = fileSystem.strayReferences();
        answer(RequestFrame.of(Opcode.OPENDIR, 1, 1).ints(0, 0));
        long directory = reply.longAt(0);
        Request request =
                RequestFrame.of(Opcode.READDIRPLUS, 1, 1)
                        .longs(directory, 0)
                        .ints(4096)
                        .zeros(20)
                        .arrive(buffers);
        assertThat(dispatcher.dispatch(request, reply)).isTrue();
        assertThat(fileSystem.strayReferences()).isEqualTo(before + 1);
        dispatcher.takeBack(request, reply);
        assertThat(fileSystem.strayReferences()).isEqualTo(before);
    }
}
