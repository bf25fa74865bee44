package io.arcfs.fuse.jnr;

import static org.assertj.core.api.Assertions.assertThat;

import io.arcfs.fuse.DataContract;
import io.arcfs.fuse.Shell;
import io.arcfs.fuse.Transport;
import io.arcfs.fuse.memory.Observer;
import io.arcfs.overlay.FsException;
import io.arcfs.overlay.FsException.Reason;
import org.junit.jupiter.api.Test;

/** The data contract on libfuse. */
final class JnrDataTest extends DataContract {
    @Override
    protected Transport transport() {
        return new JnrTransport();
    }

    /** The native transport is asked nothing at a close: every write was answered before. */
    @Test
    void whatCloseFindsWrongReachesTheCloser() throws Exception {
        fileSystem.observe(
                new Observer() {
                    @Override
                    public void flushing() throws FsException {
                        throw new FsException(Reason.NO_SPACE, "planted");
                    }
                });
        Shell.Outcome outcome = Shell.run(root, "dd if=/dev/zero of=file bs=1k count=1");

        assertThat(outcome.exitCode()).isNotZero();
        assertThat(outcome.output()).contains("No space left on device");
    }
}
