package io.arcfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.fuse.MountOptions.TransportChoice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MountOptionsTest {
    @Test
    void nothingGivenIsTheDefault() {
        assertThat(MountOptions.parse(List.of())).isEqualTo(MountOptions.DEFAULT);
        assertThat(MountOptions.DEFAULT.exec()).isTrue();
        assertThat(MountOptions.DEFAULT.dev()).isFalse();
        assertThat(MountOptions.DEFAULT.suid()).isFalse();
        assertThat(MountOptions.DEFAULT.allowOther()).isFalse();
        assertThat(MountOptions.DEFAULT.transport()).isEqualTo(TransportChoice.AUTO);
    }

    @Test
    void everyWordSetsItsOption() {
        MountOptions options =
                MountOptions.parse(List.of("allow_other,dev,suid", "noexec,ro", "noacl,fuse=jnr"));

        assertThat(options)
                .isEqualTo(
                        MountOptions.DEFAULT
                                .with(MountOptions.Flag.ALLOW_OTHER, true)
                                .with(MountOptions.Flag.DEV, true)
                                .with(MountOptions.Flag.SUID, true)
                                .with(MountOptions.Flag.EXEC, false)
                                .with(MountOptions.Flag.READ_ONLY, true)
                                .with(MountOptions.Flag.ACL, false)
                                .withTransport(TransportChoice.JNR));
    }

    @Test
    void theOppositeTakesItBackAndTheLastWordWins() {
        assertThat(
                        MountOptions.parse(
                                List.of(
                                        "dev,suid,noexec,ro,noacl,io_uring,fuse=native",
                                        "nodev,nosuid,exec,rw,acl,noio_uring,fuse=auto",
                                        "default_permissions")))
                .isEqualTo(MountOptions.DEFAULT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonempty", "", "fuse=other", "ALLOW_OTHER", "uid=0", "kernel_cache"})
    void anUnknownWordIsRefusedByItsName(String word) {
        assertThatThrownBy(() -> MountOptions.parse(List.of("ro", word)))
                .isInstanceOf(UnknownMountOptionException.class)
                .hasMessageContaining("'" + word + "'")
                .hasMessageContaining("allow_other")
                .hasMessageNotContaining("\n")
                .extracting(e -> ((UnknownMountOptionException) e).word())
                .isEqualTo(word);
    }

    @Test
    void valuesThatCannotBeMountedWithAreRefused() {
        assertThatThrownBy(() -> MountOptions.DEFAULT.withThreads(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MountOptions.DEFAULT.withFsName(""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MountOptions.DEFAULT.withFsName("a\0b"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
