package io.arcfs.uring.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The layouts are those of the C headers of this machine. */
class LayoutTest {
    @TempDir Path directory;

    @Test
    void ioUringLayoutsAreTheHeaders() throws Exception {
        CHeader header =
                new CHeader("linux/io_uring.h", "sys/uio.h")
                        .struct("struct io_uring_sqe", SqeLayout.LAYOUT)
                        .struct("struct io_uring_cqe", CqeLayout.LAYOUT)
                        .struct("struct io_uring_params", ParamsLayout.LAYOUT)
                        .struct("struct io_uring_rsrc_update2", RegisterOp.RSRC_UPDATE2)
                        .struct("struct iovec", RegisterOp.IOVEC)
                        .constant("IORING_OP_URING_CMD", Opcode.URING_CMD)
                        .constant("IORING_OP_MSG_RING", Opcode.MSG_RING)
                        .constant("IORING_OP_WRITE", Opcode.WRITE)
                        .constant("IORING_OP_READ", Opcode.READ)
                        .constant("IORING_OP_FALLOCATE", Opcode.FALLOCATE)
                        .constant("IORING_OP_LINK_TIMEOUT", Opcode.LINK_TIMEOUT)
                        .constant("IORING_OP_ASYNC_CANCEL", Opcode.ASYNC_CANCEL)
                        .constant("IORING_OP_TIMEOUT_REMOVE", Opcode.TIMEOUT_REMOVE)
                        .constant("IORING_OP_POLL_REMOVE", Opcode.POLL_REMOVE)
                        .constant("IORING_OP_WRITE_FIXED", Opcode.WRITE_FIXED)
                        .constant("IORING_REGISTER_BUFFERS2", RegisterOp.BUFFERS2)
                        .constant("IORING_REGISTER_BUFFERS_UPDATE", RegisterOp.BUFFERS_UPDATE)
                        .constant("IORING_REGISTER_FILES2", RegisterOp.FILES2)
                        .constant("IORING_REGISTER_FILES_UPDATE2", RegisterOp.FILES_UPDATE2)
                        .constant("IORING_REGISTER_PROBE", RegisterOp.PROBE)
                        .constant("IORING_REGISTER_ENABLE_RINGS", RegisterOp.ENABLE_RINGS)
                        .constant("IORING_REGISTER_EVENTFD", RegisterOp.EVENTFD)
                        .constant("IORING_REGISTER_IOWQ_MAX_WORKERS", RegisterOp.IOWQ_MAX_WORKERS)
                        .constant("IORING_ENTER_EXT_ARG", EnterFlag.EXT_ARG)
                        .constant("IORING_SQ_CQ_OVERFLOW", EnterFlag.SQ_CQ_OVERFLOW)
                        .constant("IORING_SQ_TASKRUN", EnterFlag.SQ_TASKRUN)
                        .constant("IORING_CQE_F_MORE", CqeLayout.F_MORE);
        requireSame(header, "linux/io_uring.h");
    }

    @Test
    void newerStructsAreTheHeaders() throws Exception {
        // Headers before 5.19 lack these.
        CHeader header =
                new CHeader("linux/io_uring.h")
                        .struct("struct io_uring_rsrc_register", RegisterOp.RSRC_REGISTER)
                        .struct("struct io_uring_getevents_arg", RegisterOp.GETEVENTS_ARG)
                        .constant("IORING_RSRC_REGISTER_SPARSE", RegisterOp.RSRC_SPARSE);
        requireSame(header, "linux/io_uring.h of 5.19 or later");
    }

    @Test
    void libUringRingIsTheLibrarys() throws Exception {
        CHeader header = new CHeader("liburing.h").struct("struct io_uring", LibUringLayout.LAYOUT);
        requireSame(header, "liburing.h (liburing-dev)");
    }

    private void requireSame(CHeader header, String what) throws Exception {
        Optional<Map<String, Long>> answer = header.askCompiler(directory);
        Assumptions.assumeTrue(answer.isPresent(), "no gcc, or no " + what);
        assertThat(header.expected()).isEqualTo(answer.orElseThrow());
    }
}
