package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.Attributes;
import io.arcfs.overlay.FileSystemSpace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Every reply, decoded at the offsets of the kernel's structures; and its length. */
final class ReplyTest {
    private static final long UNIQUE = 0x1234_5678_9abcL;

    /** Each field its own value, so that none can stand for another. */
    static final Attributes ATTRIBUTES =
            new Attributes(
                    7001,
                    0104751,
                    3,
                    1001,
                    1002,
                    0x0012_3405,
                    7002L << 32,
                    7003,
                    -7004,
                    11,
                    7005,
                    22,
                    7006,
                    33);

    private final Buffers buffers = new Buffers(Arena.ofAuto());
    private final NodeIds nodeIds = new NodeIds();
    private final UnansweredWrites unanswered = new UnansweredWrites();
    private final Reply reply = new Reply(buffers, nodeIds, unanswered);

    ReplyTest() {
        buffers.memory.fill((byte) 0x5a); // what no encoder sets would show
    }

    private ReplyFrame made(Consumer<Reply> encoder) {
        reply.begin();
        encoder.accept(reply);
        reply.end(UNIQUE);
        ReplyFrame frame = ReplyFrame.of(buffers, reply);
        assertThat(frame.unique()).isEqualTo(UNIQUE);
        assertTheRingGetsTheSame();
        return frame;
    }

    /** A ring takes the header from one place and the body from another. */
    private void assertTheRingGetsTheSame() {
        int body = reply.lengthBytes() - Buffers.OUT_HEADER_BYTES;
        byte[] whole = bytes(reply.start(), reply.lengthBytes());
        new RingEntry(buffers, 0, 0).put(reply);
        assertThat(buffers.memory.get(JAVA_INT, RingEntry.PAYLOAD_SIZE)).isEqualTo(body);
        assertThat(bytes(RingEntry.IN_OUT, Buffers.OUT_HEADER_BYTES))
                .isEqualTo(Arrays.copyOf(whole, Buffers.OUT_HEADER_BYTES));
        assertThat(bytes(Buffers.PAYLOAD_START, body))
                .isEqualTo(Arrays.copyOfRange(whole, Buffers.OUT_HEADER_BYTES, whole.length));
    }

    private byte[] bytes(int start, int count) {
        return buffers.memory.asSlice(start, count).toArray(JAVA_BYTE);
    }

    @Test
    void successWithoutABodyIsAHeader() {
        ReplyFrame frame = made(_ -> {});

        assertThat(frame.error()).isZero();
        assertThat(frame.bodyBytes()).isZero();
    }

    @Test
    void anErrorIsNegativeAndHasNoBodyWhateverWasMadeBefore() {
        ReplyFrame frame =
                made(r -> {
                    r.entry(ATTRIBUTES);
                    r.error(2);
                });

        assertThat(frame.error()).isEqualTo(-2);
        assertThat(frame.bodyBytes()).isZero();
        assertThat(reply.isError()).isTrue();
    }

    @Test
    void anErrorAfterAPayloadHasNoBodyEither() {
        ReplyFrame frame =
                made(r -> {
                    r.payload(4096);
                    r.error(5);
                });

        assertThat(frame.error()).isEqualTo(-5);
        assertThat(frame.bodyBytes()).isZero();
    }

    @Test
    void anEntry() {
        ReplyFrame frame = made(r -> r.entry(ATTRIBUTES));

        assertThat(frame.error()).isZero();
        assertThat(frame.bodyBytes()).isEqualTo(128);
        assertThat(frame.i64(0)).as("nodeid").isEqualTo(7001);
        assertThat(frame.i64(8)).as("generation").isZero();
        assertThat(frame.i64(16)).as("entry_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(frame.i64(24)).as("attr_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(frame.i32(32)).as("entry_valid_nsec").isZero();
        assertThat(frame.i32(36)).as("attr_valid_nsec").isZero();
        assertAttributes(frame, 40);
    }

    @Test
    void aMissingEntryThatTheKernelMayRemember() {
        ReplyFrame frame = made(Reply::noEntry);

        assertThat(frame.error()).isZero();
        assertThat(frame.bodyBytes()).isEqualTo(128);
        assertThat(frame.i64(0)).as("nodeid").isZero();
        assertThat(frame.i64(16)).as("entry_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(frame.raw(24, 104)).containsOnly(0);
    }

    @Test
    void anInodeWithTwoNumbersIsKnownByTheNewerAndItsAttributesAreNotCached() {
        nodeIds.retire(7001);
        ReplyFrame entry = made(r -> r.entry(ATTRIBUTES));

        assertThat(entry.i64(0)).as("nodeid").isEqualTo(1L << 32 | 7001);
        assertThat(NodeIds.inodeOf(entry.i64(0))).isEqualTo(7001);
        assertThat(entry.i64(16)).as("entry_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(entry.i64(24)).as("attr_valid").isZero();
        assertThat(entry.i64(40)).as("ino").isEqualTo(7001);
        assertThat(made(r -> r.attributes(ATTRIBUTES)).i64(0)).as("attr_valid").isZero();
        assertThat(made(r -> r.statx(ATTRIBUTES)).i64(0)).as("attr_valid").isZero();

        nodeIds.retire(7001); // is not the current one any more
        assertThat(made(r -> r.entry(ATTRIBUTES)).i64(0)).isEqualTo(1L << 32 | 7001);
        nodeIds.retire(1L << 32 | 7001);
        assertThat(made(r -> r.entry(ATTRIBUTES)).i64(0)).isEqualTo(2L << 32 | 7001);
    }

    @Test
    void aFileThatIsBeingWrittenShowsTheSizeThatItHad() {
        long inode = ATTRIBUTES.inode();
        unanswered.begin(inode, 5);
        assertThat(made(r -> r.entry(ATTRIBUTES)).i64(48)).as("entry").isEqualTo(5);
        assertThat(made(r -> r.attributes(ATTRIBUTES)).i64(24)).as("attr").isEqualTo(5);
        assertThat(made(r -> r.statx(ATTRIBUTES)).i64(72)).as("statx").isEqualTo(5);

        unanswered.end(inode);
        assertThat(made(r -> r.attributes(ATTRIBUTES)).i64(24)).isEqualTo(ATTRIBUTES.size());
    }

    @Test
    void attributes() {
        ReplyFrame frame = made(r -> r.attributes(ATTRIBUTES));

        assertThat(frame.bodyBytes()).isEqualTo(104);
        assertThat(frame.i64(0)).as("attr_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(frame.i64(8)).as("attr_valid_nsec, dummy").isZero();
        assertAttributes(frame, 16);
    }

    /** {@code struct fuse_attr}. */
    private static void assertAttributes(ReplyFrame frame, int at) {
        assertThat(frame.i64(at)).as("ino").isEqualTo(7001);
        assertThat(frame.i64(at + 8)).as("size").isEqualTo(7002L << 32);
        assertThat(frame.i64(at + 16)).as("blocks").isEqualTo(7003);
        assertThat(frame.i64(at + 24)).as("atime").isEqualTo(-7004);
        assertThat(frame.i64(at + 32)).as("mtime").isEqualTo(7005);
        assertThat(frame.i64(at + 40)).as("ctime").isEqualTo(7006);
        assertThat(frame.i32(at + 48)).as("atimensec").isEqualTo(11);
        assertThat(frame.i32(at + 52)).as("mtimensec").isEqualTo(22);
        assertThat(frame.i32(at + 56)).as("ctimensec").isEqualTo(33);
        assertThat(frame.i32(at + 60)).as("mode").isEqualTo(0104751);
        assertThat(frame.i32(at + 64)).as("nlink").isEqualTo(3);
        assertThat(frame.i32(at + 68)).as("uid").isEqualTo(1001);
        assertThat(frame.i32(at + 72)).as("gid").isEqualTo(1002);
        assertThat(frame.i32(at + 76)).as("rdev").isEqualTo(0x0012_3405);
        assertThat(frame.i32(at + 80)).as("blksize").isEqualTo(128 * 1024);
        assertThat(frame.i32(at + 84)).as("flags").isZero();
    }

    @Test
    void statx() {
        ReplyFrame frame = made(r -> r.statx(ATTRIBUTES));

        assertThat(frame.bodyBytes()).isEqualTo(288);
        assertThat(frame.i64(0)).as("attr_valid").isEqualTo(Reply.VALID_SECONDS);
        assertThat(frame.raw(8, 24)).containsOnly(0);
        int at = 32;
        assertThat(frame.i32(at)).as("mask: all but the birth time").isEqualTo(0x7ff);
        assertThat(frame.i32(at + 4)).as("blksize").isEqualTo(128 * 1024);
        assertThat(frame.i64(at + 8)).as("attributes").isZero();
        assertThat(frame.i32(at + 16)).as("nlink").isEqualTo(3);
        assertThat(frame.i32(at + 20)).as("uid").isEqualTo(1001);
        assertThat(frame.i32(at + 24)).as("gid").isEqualTo(1002);
        assertThat(frame.u16(at + 28)).as("mode").isEqualTo(0104751);
        assertThat(frame.u16(at + 30)).isZero();
        assertThat(frame.i64(at + 32)).as("ino").isEqualTo(7001);
        assertThat(frame.i64(at + 40)).as("size").isEqualTo(7002L << 32);
        assertThat(frame.i64(at + 48)).as("blocks").isEqualTo(7003);
        assertThat(frame.i64(at + 56)).as("attributes_mask").isZero();
        assertThat(frame.i64(at + 64)).as("atime").isEqualTo(-7004);
        assertThat(frame.i32(at + 72)).as("atime nsec").isEqualTo(11);
        assertThat(frame.raw(at + 80, 16)).as("btime").containsOnly(0);
        assertThat(frame.i64(at + 96)).as("ctime").isEqualTo(7006);
        assertThat(frame.i32(at + 104)).as("ctime nsec").isEqualTo(33);
        assertThat(frame.i64(at + 112)).as("mtime").isEqualTo(7005);
        assertThat(frame.i32(at + 120)).as("mtime nsec").isEqualTo(22);
        // 0x00123405: major 0x234 is bits 8 to 19, minor 0x105 the 8 bits below and those above
        assertThat(frame.i32(at + 128)).as("rdev_major").isEqualTo(0x234);
        assertThat(frame.i32(at + 132)).as("rdev_minor").isEqualTo(0x105);
        assertThat(frame.raw(at + 136, 120)).containsOnly(0);
    }

    @Test
    void anOpenFile() {
        ReplyFrame frame = made(r -> r.open(0x1_0000_0002L, 0x81, 42));

        assertThat(frame.bodyBytes()).isEqualTo(16);
        assertThat(frame.i64(0)).as("fh").isEqualTo(0x1_0000_0002L);
        assertThat(frame.i32(8)).as("open_flags").isEqualTo(0x81);
        assertThat(frame.i32(12)).as("backing_id").isEqualTo(42);
    }

    @Test
    void aFileMadeAndOpened() {
        ReplyFrame frame =
                made(r -> {
                    r.entry(ATTRIBUTES);
                    r.open(9, 3, 0);
                });

        assertThat(frame.bodyBytes()).isEqualTo(144);
        assertThat(frame.i64(0)).isEqualTo(7001);
        assertThat(frame.i64(128)).as("fh").isEqualTo(9);
        assertThat(frame.i32(136)).as("open_flags").isEqualTo(3);
        assertThat(frame.i32(140)).as("backing_id").isZero();
        assertThat(reply.longAt(Reply.ENTRY_BYTES)).as("to be taken back").isEqualTo(9);
    }

    @Test
    void whatWasWritten() {
        ReplyFrame frame = made(r -> r.written(1 << 20));

        assertThat(frame.bodyBytes()).isEqualTo(8);
        assertThat(frame.i32(0)).isEqualTo(1 << 20);
        assertThat(frame.i32(4)).as("padding").isZero();
    }

    @Test
    void theSizeOfAnAttribute() {
        ReplyFrame frame = made(r -> r.xattrSize(65_536));

        assertThat(frame.bodyBytes()).isEqualTo(8);
        assertThat(frame.i32(0)).isEqualTo(65_536);
        assertThat(frame.i32(4)).as("padding").isZero();
    }

    @Test
    void aNumberOf64Bits() {
        ReplyFrame frame = made(r -> r.number(1L << 40));

        assertThat(frame.bodyBytes()).isEqualTo(8);
        assertThat(frame.i64(0)).isEqualTo(1L << 40);
    }

    @Test
    void theSpaceLeft() {
        ReplyFrame frame =
                made(r -> r.statfs(new FileSystemSpace(1L << 45, 1L << 40, 12, 34), 255));

        assertThat(frame.bodyBytes()).isEqualTo(80);
        assertThat(frame.i64(0)).as("blocks").isEqualTo(1L << 33);
        assertThat(frame.i64(8)).as("bfree").isEqualTo(1L << 28);
        assertThat(frame.i64(16)).as("bavail").isEqualTo(1L << 28);
        assertThat(frame.i64(24)).as("files").isEqualTo(12);
        assertThat(frame.i64(32)).as("ffree").isEqualTo(34);
        assertThat(frame.i32(40)).as("bsize").isEqualTo(4096);
        assertThat(frame.i32(44)).as("namelen").isEqualTo(255);
        assertThat(frame.i32(48)).as("frsize").isEqualTo(4096);
        assertThat(frame.raw(52, 28)).containsOnly(0);
    }

    @Test
    void bytesOfOurs() {
        ReplyFrame frame = made(r -> r.bytes("target".getBytes(UTF_8)));

        assertThat(frame.bodyBytes()).isEqualTo(6);
        assertThat(frame.raw(0, 6)).isEqualTo("target".getBytes(UTF_8));
    }

    @Test
    void theLargestPayloadEndsWhereThePageOfShortRepliesBegins() {
        buffers.payload(Buffers.PAYLOAD_BYTES).fill((byte) 7);
        ReplyFrame frame = made(r -> r.payload(Buffers.PAYLOAD_BYTES));

        assertThat(frame.bodyBytes()).isEqualTo(1 << 20);
        assertThat(frame.raw(0, 1 << 20)).containsOnly(7);
        assertThat(buffers.memory.get(java.lang.foreign.ValueLayout.JAVA_BYTE, Buffers.SHORT_START))
                .isEqualTo((byte) 0x5a);
    }

    @Test
    void theAnswerToInit() {
        var agreed = new Negotiation(44, 0x21_4000_0008L, 131_072, 1 << 20, 1);
        ReplyFrame frame = made(r -> r.init(agreed));

        assertThat(frame.bodyBytes()).isEqualTo(64);
        assertThat(frame.i32(0)).as("major").isEqualTo(7);
        assertThat(frame.i32(4)).as("minor").isEqualTo(44);
        assertThat(frame.i32(8)).as("max_readahead").isEqualTo(131_072);
        assertThat(frame.i32(12)).as("flags").isEqualTo(0x4000_0008);
        assertThat(frame.u16(16)).as("max_background").isEqualTo(256);
        assertThat(frame.u16(18)).as("congestion_threshold").isEqualTo(192);
        assertThat(frame.i32(20)).as("max_write").isEqualTo(1 << 20);
        assertThat(frame.i32(24)).as("time_gran").isEqualTo(1);
        assertThat(frame.u16(28)).as("max_pages").isEqualTo(256);
        assertThat(frame.u16(30)).as("map_alignment").isZero();
        assertThat(frame.i32(32)).as("flags2").isEqualTo(0x21);
        assertThat(frame.i32(36)).as("max_stack_depth").isEqualTo(1);
        assertThat(frame.raw(40, 24)).containsOnly(0);
    }

    @Test
    void theVersionToAskAgainWith() {
        ReplyFrame frame = made(Reply::initOtherMajor);

        assertThat(frame.bodyBytes()).isEqualTo(8);
        assertThat(frame.i32(0)).isEqualTo(7);
        assertThat(frame.i32(4)).isEqualTo(Negotiation.MINOR);
    }

    @Test
    void aNotificationThatPagesAreStale() {
        MemorySegment message = Arena.ofAuto().allocate(Notifier.INVAL_INODE_BYTES, Long.BYTES);
        message.fill((byte) 0x5a);
        Notifier.encodeInvalidation(message, 77, 4096, 8192);
        var bytes = message.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);

        assertThat(bytes.limit()).isEqualTo(40);
        assertThat(bytes.getInt(0)).as("len").isEqualTo(40);
        assertThat(bytes.getInt(4)).as("FUSE_NOTIFY_INVAL_INODE").isEqualTo(2);
        assertThat(bytes.getLong(8)).as("unique").isZero();
        assertThat(bytes.getLong(16)).as("ino").isEqualTo(77);
        assertThat(bytes.getLong(24)).as("off").isEqualTo(4096);
        assertThat(bytes.getLong(32)).as("len").isEqualTo(8192);
    }
}
