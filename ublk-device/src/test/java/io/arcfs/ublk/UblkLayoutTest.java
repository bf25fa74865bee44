package io.arcfs.ublk;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.ublk.abi.CommandCode;
import io.arcfs.ublk.abi.CommandCode.Encoding;
import io.arcfs.ublk.abi.ControlCommandLayout;
import io.arcfs.ublk.abi.DeviceInfoLayout;
import io.arcfs.ublk.abi.IoCommandLayout;
import io.arcfs.ublk.abi.IoDescriptorLayout;
import io.arcfs.ublk.abi.ParameterLayout;
import io.arcfs.uring.abi.CHeader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layouts and numbers are those of the C header of this machine. */
class UblkLayoutTest {
    @TempDir Path directory;

    @Test
    void layoutsOfEveryHeader() throws Exception {
        // 6.1's header is the oldest that Debian has: it lacks devt, a device's path and owner.
        requireSame(
                new CHeader("linux/ublk_cmd.h")
                        .constant(
                                "sizeof(struct ublksrv_ctrl_dev_info)",
                                DeviceInfoLayout.LAYOUT.byteSize())
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, queue_depth)",
                                DeviceInfoLayout.QUEUE_DEPTH)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, state)",
                                DeviceInfoLayout.STATE)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, max_io_buf_bytes)",
                                DeviceInfoLayout.MAX_IO_BUF_BYTES)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, dev_id)",
                                DeviceInfoLayout.DEV_ID)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, ublksrv_pid)",
                                DeviceInfoLayout.UBLKSRV_PID)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, flags)",
                                DeviceInfoLayout.FLAGS)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_dev_info, ublksrv_flags)",
                                DeviceInfoLayout.UBLKSRV_FLAGS)
                        .struct("struct ublksrv_io_desc", IoDescriptorLayout.LAYOUT)
                        .struct("struct ublksrv_io_cmd", IoCommandLayout.LAYOUT)
                        .struct("struct ublk_param_basic", ParameterLayout.BASIC)
                        .struct("struct ublk_param_discard", ParameterLayout.DISCARD)
                        .constant(
                                "sizeof(struct ublksrv_ctrl_cmd)",
                                ControlCommandLayout.LAYOUT.byteSize())
                        .constant(
                                "offsetof(struct ublksrv_ctrl_cmd, dev_id)",
                                ControlCommandLayout.DEV_ID)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_cmd, queue_id)",
                                ControlCommandLayout.QUEUE_ID)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_cmd, len)", ControlCommandLayout.LEN)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_cmd, addr)",
                                ControlCommandLayout.ADDR)
                        .constant(
                                "offsetof(struct ublksrv_ctrl_cmd, data)",
                                ControlCommandLayout.DATA)
                        .constant(
                                "offsetof(struct ublk_params, basic) + "
                                        + "offsetof(struct ublk_param_basic, dev_sectors)",
                                ParameterLayout.DEV_SECTORS)
                        .constant(
                                "offsetof(struct ublk_params, discard) + offsetof(struct"
                                        + " ublk_param_discard, discard_granularity)",
                                ParameterLayout.DISCARD_GRANULARITY)
                        .constant("UBLK_IO_OP_WRITE_ZEROES", IoDescriptorLayout.OP_WRITE_ZEROES)
                        .constant("UBLK_IO_OP_DISCARD", IoDescriptorLayout.OP_DISCARD)
                        .constant("UBLK_IO_OP_FLUSH", IoDescriptorLayout.OP_FLUSH)
                        .constant("UBLK_IO_F_FUA", IoDescriptorLayout.F_FUA)
                        .constant("UBLK_IO_F_NOUNMAP", IoDescriptorLayout.F_NOUNMAP)
                        .constant("UBLK_ATTR_VOLATILE_CACHE", ParameterLayout.ATTR_VOLATILE_CACHE)
                        .constant("UBLK_ATTR_FUA", ParameterLayout.ATTR_FUA)
                        .constant("UBLK_F_USER_RECOVERY", Feature.USER_RECOVERY.mask())
                        .constant(
                                "UBLK_F_USER_RECOVERY_REISSUE",
                                Feature.USER_RECOVERY_REISSUE.mask())
                        .constant("UBLK_F_NEED_GET_DATA", Feature.NEED_GET_DATA.mask())
                        .constant("UBLK_CMD_ADD_DEV", legacy(CommandCode.ADD_DEV))
                        .constant("UBLK_CMD_SET_PARAMS", legacy(CommandCode.SET_PARAMS))
                        .constant(
                                "UBLK_CMD_START_USER_RECOVERY",
                                legacy(CommandCode.START_USER_RECOVERY))
                        .constant("UBLK_IO_FETCH_REQ", legacy(CommandCode.FETCH_REQ))
                        .constant(
                                "UBLK_IO_COMMIT_AND_FETCH_REQ",
                                legacy(CommandCode.COMMIT_AND_FETCH_REQ))
                        .constant("UBLK_IO_NEED_GET_DATA", legacy(CommandCode.NEED_GET_DATA))
                        .constant("UBLK_IO_RES_NEED_GET_DATA", IoCommandLayout.NEED_GET_DATA)
                        .constant("UBLK_MAX_QUEUE_DEPTH", IoDescriptorLayout.MAX_QUEUE_DEPTH),
                "linux/ublk_cmd.h");
    }

    @Test
    void numbersOfNewerHeaders() throws Exception {
        requireSame(
                new CHeader("linux/ublk_cmd.h")
                        .struct("struct ublksrv_ctrl_cmd", ControlCommandLayout.LAYOUT)
                        .struct("struct ublksrv_ctrl_dev_info", DeviceInfoLayout.LAYOUT)
                        .struct("struct ublk_param_devt", ParameterLayout.DEVT)
                        .constant("(unsigned) UBLK_U_CMD_ADD_DEV", ioctl(CommandCode.ADD_DEV))
                        .constant(
                                "(unsigned) UBLK_U_CMD_GET_FEATURES",
                                ioctl(CommandCode.GET_FEATURES))
                        .constant("(unsigned) UBLK_U_IO_FETCH_REQ", ioctl(CommandCode.FETCH_REQ))
                        .constant("UBLK_F_USER_COPY", Feature.USER_COPY.mask())
                        .constant("UBLKSRV_IO_BUF_OFFSET", IoCommandLayout.USER_COPY_BASE),
                "linux/ublk_cmd.h of 6.5 or later");
    }

    /** How an ioctl number is made, checked without a new header: direction, size, type, number. */
    @Test
    void ioctlNumbersCarryDirectionAndSize() {
        for (CommandCode code : CommandCode.values()) {
            int number = code.number(Encoding.IOCTL);
            long size =
                    code.compareTo(CommandCode.FETCH_REQ) >= 0
                            ? IoCommandLayout.LAYOUT.byteSize()
                            : ControlCommandLayout.LAYOUT.byteSize();
            assertThat(number >>> 16 & 0x3FFF).as(code.name()).isEqualTo((int) size);
            assertThat(number >>> 8 & 0xFF).isEqualTo((int) 'u');
            if (code != CommandCode.GET_FEATURES && code != CommandCode.DEL_DEV_ASYNC) {
                assertThat(number & 0xFF).isEqualTo(code.number(Encoding.LEGACY));
            }
        }
    }

    private static long legacy(CommandCode code) {
        return code.number(Encoding.LEGACY);
    }

    private static long ioctl(CommandCode code) {
        return Integer.toUnsignedLong(code.number(Encoding.IOCTL));
    }

    private void requireSame(CHeader header, String what) throws Exception {
        Optional<Map<String, Long>> answer = header.askCompiler(directory);
        Assumptions.assumeTrue(answer.isPresent(), "no gcc, or no " + what);
        assertThat(header.expected()).isEqualTo(answer.orElseThrow());
    }
}
