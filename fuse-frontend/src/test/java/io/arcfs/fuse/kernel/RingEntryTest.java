package io.arcfs.fuse.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Requests that arrive in three places look as if they had arrived in one. */
final class RingEntryTest {
    private static final long UNIQUE = 0x1_0000_0002L;
    private static final long NODE = 42;

    private final Buffers buffers = new Buffers(Arena.ofAuto());

    private static RequestFrame frame(int opcode) {
        return RequestFrame.of(opcode, UNIQUE, NODE);
    }

    private void assertHeader(Request request, int opcode) {
        assertThat(request.opcode()).isEqualTo(opcode);
        assertThat(request.unique()).isEqualTo(UNIQUE);
        assertThat(request.nodeId()).isEqualTo(NODE);
        assertThat(request.pid()).isEqualTo(RequestFrame.PID);
        assertThat(new RingEntry(buffers, 0, 0).unique()).isEqualTo(UNIQUE);
    }

    @Test
    void aNameWithoutAStructure() {
        Request request = frame(Opcode.LOOKUP).name("film").arriveAtRing(buffers, 0);

        assertHeader(request, Opcode.LOOKUP);
        assertThat(request.nameAt(0)).isEqualTo("film".getBytes(UTF_8));
        assertThat(request.bodyBytes()).isEqualTo(5);
    }

    @Test
    void aStructureAndTwoNames() {
        Request request =
                frame(Opcode.RENAME2)
                        .longs(77, 1)
                        .name("old")
                        .name("new")
                        .arriveAtRing(buffers, 16);

        assertHeader(request, Opcode.RENAME2);
        assertThat(request.longAt(0)).isEqualTo(77);
        assertThat(request.nameAt(16)).isEqualTo("old".getBytes(UTF_8));
        assertThat(request.nameAt(20)).isEqualTo("new".getBytes(UTF_8));
    }

    @Test
    void aStructureAlone() {
        Request request =
                frame(Opcode.READ)
                        .longs(5, 4096)
                        .ints(8192, 0)
                        .longs(0, 0)
                        .arriveAtRing(buffers, 40);

        assertHeader(request, Opcode.READ);
        assertThat(request.longAt(8)).isEqualTo(4096);
        assertThat(request.intAt(16)).isEqualTo(8192);
    }

    @Test
    void thePayloadOfAWriteStaysWhereItIs() {
        byte[] data = new byte[3000];
        Arrays.fill(data, (byte) 7);
        Request request =
                frame(Opcode.WRITE)
                        .longs(5, 0)
                        .ints(data.length, 0)
                        .longs(0, 0)
                        .raw(data)
                        .arriveAtRing(buffers, 40);

        assertHeader(request, Opcode.WRITE);
        assertThat(request.payload(data.length).toArray(JAVA_BYTE)).isEqualTo(data);
        assertThatThrownBy(() -> request.payload(data.length + 1))
                .isInstanceOf(MalformedRequestException.class);
    }

    @Test
    void aRequestWithoutABody() {
        assertHeader(frame(Opcode.STATFS).arriveAtRing(buffers, 0), Opcode.STATFS);
    }

    @Test
    void lengthsThatCannotBeAreRefused() {
        frame(Opcode.GETATTR).zeros(16).arriveAtRing(buffers, 16);
        for (int rest : new int[] {17, -113, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            buffers.memory.set(JAVA_INT, RingEntry.PAYLOAD_SIZE, rest);
            assertThatThrownBy(() -> new RingEntry(buffers, 0, 0).arrived(new Request(buffers)))
                    .as("%d", rest)
                    .isInstanceOf(MalformedRequestException.class);
        }
    }
}
