package io.arcfs.fuse.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from a request, and that nothing is read from behind its end. */
final class RequestTest {
    private final Buffers buffers = new Buffers(Arena.ofAuto());

    private static void assertMalformed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(MalformedRequestException.class);
    }

    @Test
    void theHeader() {
        Request request = RequestFrame.of(Opcode.MKDIR, 1L << 40, 1L << 33).arrive(buffers);

        assertThat(request.opcode()).isEqualTo(Opcode.MKDIR);
        assertThat(request.unique()).isEqualTo(1L << 40);
        assertThat(request.nodeId()).isEqualTo(1L << 33);
        assertThat(request.uid()).isEqualTo(RequestFrame.UID);
        assertThat(request.pid()).isEqualTo(RequestFrame.PID);
        assertThat(request.caller(022).gid()).isEqualTo(RequestFrame.GID);
        assertThat(request.caller(022).umask()).isEqualTo(022);
        assertThat(request.bodyBytes()).isZero();
    }

    @Test
    void numbersAndNamesStandBehindIt() {
        Request request =
                RequestFrame.of(Opcode.RENAME, 1, 1)
                        .longs(77)
                        .name("from")
                        .name("to")
                        .arrive(buffers);

        assertThat(request.longAt(0)).isEqualTo(77);
        assertThat(request.intAt(4)).isZero();
        assertThat(request.nameAt(8)).isEqualTo("from".getBytes(UTF_8));
        assertThat(request.endOfName(8)).isEqualTo(12);
        assertThat(request.nameAt(13)).isEqualTo("to".getBytes(UTF_8));
        assertThat(request.bytesAt(8, 2)).isEqualTo("fr".getBytes(UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 39})
    void aRequestWithoutAWholeHeaderIsMalformed(int bytes) {
        assertMalformed(
                () -> RequestFrame.of(Opcode.GETATTR, 1, 1).zeros(8).arrive(buffers, bytes));
    }

    @Test
    void aHeaderThatSaysAnotherLengthIsMalformed() {
        RequestFrame.of(Opcode.GETATTR, 1, 1).arrive(buffers);
        assertMalformed(() -> new Request(buffers).arrived(48));
    }

    @Test
    void nothingIsReadFromBehindTheEnd() {
        Request request = RequestFrame.of(Opcode.GETATTR, 1, 1).longs(1, 2).arrive(buffers);

        assertThat(request.longAt(8)).isEqualTo(2);
        assertMalformed(() -> request.longAt(9));
        assertMalformed(() -> request.longAt(16));
        assertMalformed(() -> request.intAt(13));
        assertMalformed(() -> request.intAt(Integer.MAX_VALUE));
        assertMalformed(() -> request.intAt(-1));
        assertMalformed(() -> request.bytesAt(0, 17));
        assertMalformed(() -> request.bytesAt(0, -1));
        assertMalformed(() -> request.bytesAt(8, Integer.MAX_VALUE));
        assertThat(request.bytesAt(16, 0)).isEmpty();
    }

    @Test
    void aNameWithoutAnEndIsMalformed() {
        Request request =
                RequestFrame.of(Opcode.LOOKUP, 1, 1).raw("name".getBytes(UTF_8)).arrive(buffers);

        assertMalformed(() -> request.nameAt(0));
        assertMalformed(() -> request.endOfName(0));
        assertMalformed(() -> request.nameAt(4));
        assertMalformed(() -> request.nameAt(5));
    }

    @Test
    void aNameMayBeEmpty() {
        Request request = RequestFrame.of(Opcode.LOOKUP, 1, 1).name("").arrive(buffers);
        assertThat(request.nameAt(0)).isEmpty();
    }

    @Test
    void thePayloadOfAWriteLiesOnAPage() {
        Request request =
                RequestFrame.of(Opcode.WRITE, 1, 1)
                        .zeros(40)
                        .raw("payload".getBytes(UTF_8))
                        .arrive(buffers);

        assertThat(request.payload(7).toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo("payload".getBytes(UTF_8));
        assertThat(request.payload(7).address() % 4096).isZero();
        assertThat(request.payload(0).byteSize()).isZero();
        assertMalformed(() -> request.payload(8));
        assertMalformed(() -> request.payload(-1));
        assertMalformed(() -> request.payload(Integer.MAX_VALUE));
    }

    @Test
    void thePayloadOfTheLargestWriteFits() {
        Request request =
                RequestFrame.of(Opcode.WRITE, 1, 1).zeros(40).zeros(1 << 20).arrive(buffers);
        assertThat(request.payload(1 << 20).byteSize()).isEqualTo(1 << 20);
    }

    @Test
    void aPayloadOfTheSameLengthIsTheSameObject() {
        assertThat(buffers.payload(131_072)).isSameAs(buffers.payload(131_072));
        assertThat(buffers.payload(100)).isSameAs(buffers.payload(100));
        assertThat(buffers.payload(0).byteSize()).isZero();
        assertThat(buffers.payload(100).byteSize()).isEqualTo(100);
    }
}
