package io.arcfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.overlay.FsException.Reason;
import io.arcfs.posix.Errno;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ErrnoMappingTest {
    @ParameterizedTest
    @CsvSource({
        "NOT_FOUND, ENOENT, 2",
        "EXISTS, EEXIST, 17",
        "NOT_DIRECTORY, ENOTDIR, 20",
        "IS_DIRECTORY, EISDIR, 21",
        "NOT_EMPTY, ENOTEMPTY, 39",
        "NOT_PERMITTED, EPERM, 1",
        "INVALID, EINVAL, 22",
        "NAME_TOO_LONG, ENAMETOOLONG, 36",
        "NO_SPACE, ENOSPC, 28",
        "NO_ATTRIBUTE, ENODATA, 61",
        "NOT_SUPPORTED, EOPNOTSUPP, 95",
        "TOO_BIG, EFBIG, 27",
        "ARGUMENT_TOO_BIG, E2BIG, 7",
        "TOO_MANY_LINKS, EMLINK, 31",
        "TOO_MANY_OPEN, ENFILE, 23",
        "NO_MEMORY, ENOMEM, 12",
        "NO_DEVICE_ADDRESS, ENXIO, 6",
        "STALE, ESTALE, 116",
        "BAD_HANDLE, EBADF, 9",
        "READ_ONLY, EROFS, 30",
        "TIMED_OUT, ETIMEDOUT, 110",
        "INTERRUPTED, EINTR, 4",
        "IO, EIO, 5"
    })
    void aReasonIsAnErrno(Reason reason, Errno errno, int code) {
        assertThat(ErrnoMapping.errnoOf(reason)).isEqualTo(errno);
        assertThat(errno.code()).isEqualTo(code);
    }

    @Test
    void noTwoReasonsAreTheSameErrno() {
        Set<Errno> errnos = EnumSet.noneOf(Errno.class);
        for (Reason reason : Reason.values()) {
            assertThat(errnos.add(ErrnoMapping.errnoOf(reason))).as(reason.name()).isTrue();
        }
        assertThat(errnos).hasSize(Reason.values().length);
    }
}
